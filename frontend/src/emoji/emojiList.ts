/** The emoji there are, in groups, and how one finds them by name. Read from the data of emoji-picker-element-data. */
import { fieldsOf, numberOf, textOf, textsOf } from '../wire/json'

export interface Emoji {
  emoji: string
  name: string
  group: number
  /** What it can be found by, in lower case. */
  words: string
}

/** Numbers of the groups in the data; 2 are bare skin colours, which nobody wants. */
export const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const

const mostFound = 120

export function readEmojiList(data: unknown): Emoji[] {
  if (!Array.isArray(data)) return []
  return data.map(readEmoji).filter((emoji) => emoji !== null)
}

function readEmoji(value: unknown): Emoji | null {
  const fields = fieldsOf(value)
  const emoji = textOf(fields?.emoji)
  const name = textOf(fields?.annotation)
  const group = numberOf(fields?.group)
  if (emoji === null || name === null || group === null) return null
  const words = [name, ...textsOf(fields?.tags), ...textsOf(fields?.shortcodes)].join(' ')
  return { emoji: asKept(emoji), name, group, words: words.toLowerCase() }
}

/** As the backend keeps it (shared/emoji.py); the data also has U+FE0F behind what is a picture without it. */
const asKept = (emoji: string): string => emoji.replace(/(?<=\p{Emoji_Presentation})\uFE0F/gu, '')

/** Those that every word of the query is in; those whose name begins with it first. */
export function findEmoji(list: readonly Emoji[], query: string): Emoji[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const found = list.filter((emoji) => words.every((word) => emoji.words.includes(word)))
  const first = words[0] ?? ''
  const rank = ({ words: all }: Emoji): number =>
    all.startsWith(first) ? 0 : all.includes(` ${first}`) ? 1 : 2
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, mostFound)
}
