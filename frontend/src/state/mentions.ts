/**
 * Whom a text means by `@name`: one rule for the message that is sent and for what is marked when it is shown.
 *
 * The name stands there whole, by the rule of search (folding.ts), and neither goes on as a longer word nor is part of an
 * address. Code and addresses are for the caller to leave out: in what is typed by `verbatimIn`, in what is shown by its
 * elements.
 */
import { characterAt } from '../characters'
import { folded } from '../folding'
import { isWithin, verbatimIn, type Span } from '../markdown/verbatim'
import { messageMentions } from '../wire/limits'
import type { Chat, Member } from '../wire/model'
import { pickedAt, type Pick } from './picks'

/** An `@name` in a text. */
export interface Mention extends Span {
  /** Everybody who has this name. */
  userIds: string[]
}

/** Format around a name is no part of the word it stands in. */
const format = /[*_~]/
const letter = /[\p{L}\p{N}\p{M}]/u
/** What goes on as one word or address where a letter follows, as in `@ann.example` and `@Ann-Marie`. */
const joining = /[-.@/+=&#'’]/
/** What follows an apostrophe in short forms: Ann's, Ann'll. */
const shortForm = /^['’]\p{L}{1,2}(?![\p{L}\p{N}\p{M}])/u
/** Before an `@` these make an address, a path or a formula of it. */
const leadsOn = /[@/\\+=&#%$]/
/** Scripts that put no spaces between words: where one of them begins or ends, so does a word. */
const unspaced = [
  /\p{Script=Han}/u,
  /\p{Script=Hiragana}/u,
  /\p{Script_Extensions=Katakana}/u,
  /\p{Script=Thai}/u,
  /\p{Script=Lao}/u,
  /\p{Script=Khmer}/u,
  /\p{Script=Myanmar}/u,
]
const scriptOf = (sign: string): number => unspaced.findIndex((script) => script.test(sign))

function signAt(text: string, at: number): string {
  const code = text.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}
const signBefore = (text: string, at: number): string =>
  Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? ''

/** Whether an `@` here begins a mention, as far as what stands before it tells. */
export function beginsMention(text: string, at: number, lastEnd = -1): boolean {
  let before = at
  while (before > 0 && format.test(text.charAt(before - 1))) before -= 1
  const sign = signBefore(text, before)
  // "@Ann/@Bob" are two.
  if (leadsOn.test(sign)) return before === at && sign !== '@' && lastEnd >= 0 && lastEnd === at - 1
  return !letter.test(sign) || scriptOf(sign) >= 0
}

function endsThere(text: string, end: number): boolean {
  let behind = end
  while (format.test(text.charAt(behind))) behind += 1
  const sign = signAt(text, behind)
  if (letter.test(sign)) return scriptOf(sign) !== scriptOf(signBefore(text, end))
  if (!joining.test(sign) || !letter.test(signAt(text, behind + 1))) return true
  return shortForm.test(text.slice(behind, behind + 4))
}

/** Where the name that is looked for ends, if it stands here; else -1. */
function endOfName(text: string, from: number, name: string): number {
  let at = from
  let found = 0
  while (found < name.length) {
    const sign = signAt(text, at)
    const fold = folded(sign)
    if (sign === '' || !name.startsWith(fold, found)) return -1
    found += fold.length
    at += sign.length
  }
  // With all its accents; but of an emoji of several signs the first is another emoji.
  const end = characterAt(text, at - 1)?.to ?? at
  return folded(text.slice(at, end)) === '' ? end : -1
}

interface Name {
  name: string
  fold: string
  userId: string
}

/** By the sign that they begin with, so that a long text in a large chat takes no time that is felt. */
function byFirstSign(members: Iterable<Member>): Map<string, Name[]> {
  const names = new Map<string, Name[]>()
  for (const { userId, userName } of members) {
    const fold = folded(userName)
    if (fold === '') continue
    const first = signAt(fold, 0)
    names.set(first, [...(names.get(first) ?? []), { name: userName.normalize(), fold, userId }])
  }
  return names
}

/** Every mention of one of these members, in order. Of names in names the longest is meant. */
export function mentionsIn(text: string, members: Iterable<Member>, verbatim: readonly Span[]): Mention[] {
  if (!text.includes('@')) return []
  const names = byFirstSign(members)
  const found: Mention[] = []
  let lastEnd = -1
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at < lastEnd || isWithin(verbatim, at) || !beginsMention(text, at, lastEnd)) continue
    const first = signAt(folded(signAt(text, at + 1)), 0)
    const mention = longestAt(text, at, names.get(first) ?? [])
    if (mention === null) continue
    found.push(mention)
    lastEnd = mention.to
  }
  return found
}

function longestAt(text: string, from: number, names: readonly Name[]): Mention | null {
  const whole = names
    .map((name) => ({ ...name, to: endOfName(text, from + 1, name.fold) }))
    .filter(({ to }) => to > 0 && endsThere(text, to))
  const to = Math.max(...whole.map((name) => name.to))
  const longest = whole.filter((name) => name.to === to)
  // Of Zoe and Zoë, who is written as they are is meant.
  const exact = longest.filter(({ name }) => name === text.slice(from + 1, to).normalize())
  const meant = exact.length > 0 ? exact : longest
  return meant.length > 0 ? { from, to, userIds: meant.map(({ userId }) => userId) } : null
}

/**
 * The ids of those whom a text that is typed mentions, in the order of their names. Of several with one name it is who
 * was picked from the list; a name that was just typed may mean any of them, so all are told.
 */
export function mentionedIn(text: string, members: Iterable<Member>, picks: readonly Pick[]): string[] {
  const mentions = mentionsIn(text, members, verbatimIn(text))
  const meant = mentions.flatMap(({ from, userIds }) => pickedAt(picks, from, userIds) ?? userIds)
  return [...new Set(meant)].slice(0, messageMentions)
}

/**
 * Whom a changed message mentions: those in its words, and, where not everybody is listed, whoever it mentioned before
 * and is not known here.
 */
export function mentionedAfter(
  now: readonly string[],
  before: readonly string[],
  { members, partial }: Chat,
): string[] {
  const unlisted = partial ? before.filter((userId) => !members.has(userId)) : []
  return [...new Set([...now, ...unlisted])].slice(0, messageMentions)
}

/**
 * Whom each mention in a message means, of those whom the message says it mentions. Where as many of one name are
 * mentioned as it stands there, they are so in turn.
 *
 * @param mentioned in the order of the message.
 */
export function told(mentions: readonly Mention[]): Mention[] {
  const times = new Map<string, number>()
  const count = (userIds: readonly string[]): number => {
    const key = userIds.join('\n')
    const before = times.get(key) ?? 0
    times.set(key, before + 1)
    return before
  }
  const turns = mentions.map((mention) => ({ ...mention, turn: count(mention.userIds) }))
  return turns.map(({ from, to, userIds, turn }) => {
    const inTurn = times.get(userIds.join('\n')) === userIds.length
    return { from, to, userIds: inTurn ? userIds.slice(turn, turn + 1) : userIds }
  })
}

/** What was picked in a message that is to be changed. */
export function picksIn(text: string, mentioned: readonly Member[]): Pick[] {
  return told(mentionsIn(text, mentioned, verbatimIn(text))).flatMap(({ from, userIds }) =>
    userIds.map((userId) => ({ at: from, userId })),
  )
}

/**
 * Whom a message that came from a browser may mention: members, as many as the backend takes, each once. Who hears it is
 * a member, also where only some are listed.
 */
export function membersAmong(claimed: readonly string[], chat: Chat | undefined, myId: string): string[] {
  const isMember = (userId: string): boolean => userId === myId || chat?.members.has(userId) === true
  return [...new Set(claimed)].filter(isMember).slice(0, messageMentions)
}
