/** What one reads in formatted nodes, where there is no room for their look: quotes keep their sign. */
export function wordsIn(node: Node): string {
  const words = Array.from(node.childNodes, (child) => child.nodeValue ?? wordsIn(child)).join('')
  return node.nodeName === 'BLOCKQUOTE' ? words.trim().replace(/^/gmu, '> ') : words
}
