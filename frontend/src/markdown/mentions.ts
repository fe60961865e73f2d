/** Marks the names of those whom a message mentions, by the rule by which they were found, but in code and links. */
import { mentionsIn, told } from '../state/mentions'

export interface MentionedName {
  name: string
  /** What tells them from others of that name, if there are any. */
  mark?: string
  /** Whether it is the reader. */
  me: boolean
}

/** A text that a reader sees as one, though format divides it into several nodes. */
interface Piece {
  node: Text
  /** Where it begins in the whole. */
  from: number
}

/** Something in whose place a name neither stands nor goes on. */
const object = '\ufffc'

/** @param names in the order in which the message mentions them. */
export function markMentions(fragment: DocumentFragment, names: readonly MentionedName[]): void {
  if (names.length === 0) return
  const { text, pieces } = readable(fragment)
  const members = names.map(({ name }, place) => ({ userId: `${place}`, userName: name }))
  // From the end, so that what is marked does not move what is still to be.
  for (const { from, to, userIds } of told(mentionsIn(text, members, [])).reverse()) {
    const me = userIds.some((place) => names[Number(place)]?.me === true)
    const spans = pieces.map((piece) => mark(piece, from, to, me)).filter((span) => span !== null)
    const marks = userIds.map((place) => names[Number(place)]?.mark ?? '').filter(Boolean)
    if (marks.length > 0) spans.at(-1)?.setAttribute('data-marks', marks.join(' '))
  }
}

function readable(fragment: DocumentFragment): { text: string; pieces: Piece[] } {
  const pieces: Piece[] = []
  let text = ''
  let block: Element | null = null
  const walker = fragment.ownerDocument.createTreeWalker(fragment, 4 /* NodeFilter.SHOW_TEXT */)
  while (walker.nextNode()) {
    const node = walker.currentNode as Text
    const parent = node.parentElement?.closest('p, li, blockquote, pre') ?? null
    if (parent !== block) text += '\n'
    block = parent
    if (node.parentElement?.closest('code')) text += object
    else if (node.parentElement?.closest('a')) text += node.data.replaceAll('@', object)
    else {
      pieces.push({ node, from: text.length })
      text += node.data
    }
  }
  return { text, pieces }
}

/** Marks what of a mention stands in this node; of one that format divides each node has its part. */
function mark({ node, from: start }: Piece, from: number, to: number, me: boolean): HTMLElement | null {
  const begin = Math.max(from - start, 0)
  const end = Math.min(to - start, node.length)
  if (begin >= end) return null
  const found = node.splitText(begin)
  found.splitText(end - begin)
  const span = found.ownerDocument.createElement('span')
  span.className = me ? 'mention mention--me' : 'mention'
  found.replaceWith(span)
  span.append(found)
  return span
}
