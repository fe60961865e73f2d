/** What is found by words: names in the lists, and the places in a message. */

const plain = (text: string): string => text.toLocaleLowerCase()
const wordsOf = (query: string): string[] => plain(query).split(/\s+/u).filter(Boolean)

/** Whether every word of the query occurs in the text. */
export const hasWords = (text: string, query: string): boolean =>
  wordsOf(query).every((word) => plain(text).includes(word))

export interface Part {
  text: string
  hit: boolean
}

const lettersBefore = 60
const mostLetters = 280

/** The part of a message around the first word that was looked for, with all of them marked. */
export function excerpt(message: string, query: string): Part[] {
  const words = wordsOf(query).sort((a, b) => b.length - a.length)
  const firsts = words.map((word) => plain(message).indexOf(word)).filter((at) => at >= 0)
  const first = firsts.length > 0 ? Math.min(...firsts) : 0
  const from = first > lettersBefore ? first - lettersBefore : 0
  const shown = message.slice(from, from + mostLetters)
  const before = from > 0 ? '…' : ''
  const after = from + mostLetters < message.length ? '…' : ''
  return marked(before + shown + after, words)
}

function marked(text: string, words: readonly string[]): Part[] {
  if (words.length === 0) return [{ text, hit: false }]
  const pattern = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/gu, '\\$&')).join('|')
  return text
    .split(new RegExp(`(${pattern})`, 'giu'))
    .map((part, index) => ({ text: part, hit: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}
