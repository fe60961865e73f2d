/** What is found by words, in names and in messages. The backend searches likewise (shared/rules/history/search.py). */
import { folded } from '../folding'

export const wordsOf = (query: string): string[] => folded(query).split(/\s+/u).filter(Boolean)

/** Whether every word of the query occurs in the text. */
export function hasWords(text: string, query: string): boolean {
  const all = folded(text)
  return wordsOf(query).every((word) => all.includes(word))
}
