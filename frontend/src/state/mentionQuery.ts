/** Completing an `@name` while one types: what is looked for, who is offered, what is written. */
import { compareNames, folded } from '../folding'
import { endsInOpenFence, isWithin, verbatimIn } from '../markdown/verbatim'
import type { Member } from '../wire/model'
import { beginsMention } from './mentions'

export interface MentionQuery {
  /** Where the `@` stands. */
  start: number
  query: string
}

const longestQuery = 40
const mostOffered = 8

/** What is being completed at the caret: the words since an `@` that begins a word; null when there is none. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const start = text.slice(0, caret).lastIndexOf('@')
  if (start < 0 || caret - start > longestQuery) return null
  const query = text.slice(start + 1, caret)
  if (/\n|^\s|\s\s/.test(query) || !beginsMention(text, start)) return null
  return isCode(text, start) ? null : { start, query }
}

function isCode(text: string, at: number): boolean {
  const before = text.slice(0, at)
  return before.endsWith('`') || endsInOpenFence(before) || isWithin(verbatimIn(text), at)
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
