/** Marks the names of those whom a message mentions, wherever they stand in its nodes but in code and links. */

export interface MentionedName {
  name: string
  /** Whether it is the reader. */
  me: boolean
}

function inCodeOrLink(node: Node): boolean {
  for (let parent = node.parentElement; parent !== null; parent = parent.parentElement) {
    if (parent.matches('code, a')) return true
  }
  return false
}

function markIn(text: Text, { name, me }: MentionedName): void {
  let rest = text
  for (;;) {
    const at = rest.data.indexOf(`@${name}`)
    if (at < 0) return
    const found: Text = rest.splitText(at)
    rest = found.splitText(name.length + 1)
    const mark = found.ownerDocument.createElement('span')
    mark.className = me ? 'mention mention--me' : 'mention'
    found.replaceWith(mark)
    mark.append(found)
  }
}

export function markMentions(fragment: DocumentFragment, names: readonly MentionedName[]): void {
  // Of "@Ann" and "@Ann Lee" the longer one is meant.
  const longestFirst = [...names].sort((a, b) => b.name.length - a.name.length)
  for (const mentioned of longestFirst) {
    for (const text of textsIn(fragment)) markIn(text, mentioned)
  }
}

function textsIn(fragment: DocumentFragment): Text[] {
  const found: Text[] = []
  const walker = fragment.ownerDocument.createTreeWalker(fragment, 4 /* NodeFilter.SHOW_TEXT */)
  while (walker.nextNode()) {
    const text = walker.currentNode as Text
    if (!inCodeOrLink(text) && text.parentElement?.matches('.mention') !== true) found.push(text)
  }
  return found
}
