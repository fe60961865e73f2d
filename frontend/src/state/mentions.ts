/** Who is meant by `@name` in a text: completing it while one types, and finding the ids when the message is sent. */
import { compareNames, folded } from '../folding'
import type { Chat, Member } from '../wire/model'

export interface MentionQuery {
  /** Where the `@` stands. */
  start: number
  query: string
}

const longestQuery = 40
const mostOffered = 8
/** The backend's limit (docs/protocol.md). */
const mostMentions = 20

/** What is being completed at the caret: the words since an `@` that begins a word; null when there is none. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const start = text.slice(0, caret).lastIndexOf('@')
  if (start < 0 || caret - start > longestQuery) return null
  const query = text.slice(start + 1, caret)
  const beginsWord = start === 0 || /[\s(["'>*_~]/.test(text.charAt(start - 1))
  return beginsWord && !/\n|^\s|\s\s/.test(query) ? { start, query } : null
}

/** Members whose name, or a word of it, begins with the query. */
export function offeredMembers(members: Iterable<Member>, query: string, myId: string): Member[] {
  const wanted = folded(query)
  const rank = ({ userName }: Member): number => {
    const name = folded(userName)
    return name.startsWith(wanted) ? 0 : name.includes(` ${wanted}`) ? 1 : 2
  }
  return [...members]
    .filter((member) => member.userId !== myId && rank(member) < 2)
    .sort((a, b) => rank(a) - rank(b) || compareNames(a.userName, b.userName))
    .slice(0, mostOffered)
}

/** What the completed name takes the place of: the query, and a space behind it, since it brings one. */
export function completion(
  text: string,
  { start, query }: MentionQuery,
  name: string,
): { from: number; to: number; text: string } {
  const end = start + 1 + query.length
  return { from: start, to: text.charAt(end) === ' ' ? end + 1 : end, text: `@${name} ` }
}

/**
 * The ids of the members whose `@name` stands in the text; of names in names the longer ones.
 *
 * @param chosen name → id of those picked from the list; of two with one name these are meant.
 */
export function mentionedIn(
  text: string,
  members: Iterable<Member>,
  chosen: ReadonlyMap<string, string>,
): string[] {
  const byLength = [...members].sort((a, b) => b.userName.length - a.userName.length)
  const found: string[] = []
  let rest = text
  for (const { userId, userName } of byLength) {
    const id = chosen.get(userName) ?? userId
    if (userName === '' || id !== userId || !rest.includes(`@${userName}`)) continue
    rest = rest.replaceAll(`@${userName}`, '\n')
    found.push(userId)
  }
  return found.slice(0, mostMentions)
}

/**
 * Whom a message that came from a browser may mention: members, as many as the backend takes, each once. Who hears it is
 * a member, also where only some are listed.
 */
export function membersAmong(claimed: readonly string[], chat: Chat | undefined, myId: string): string[] {
  const isMember = (userId: string): boolean => userId === myId || chat?.members.has(userId) === true
  return [...new Set(claimed)].filter(isMember).slice(0, mostMentions)
}
