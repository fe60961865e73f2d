/** The emoji there are, in groups, with what they are called. Read from the data of emoji-picker-element-data. */
import { folded } from '../folding'
import { fieldsOf, numberOf, textOf, textsOf } from '../wire/json'

export interface Emoji {
  emoji: string
  name: string
  group: number
  /** What it is called, folded. */
  names: string[]
  /** What else it has to do with, folded. */
  tags: string[]
}

/** Numbers of the groups in the data; 2 are bare skin colours, which nobody wants. */
export const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const

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
  const shortcodes = textsOf(fields?.shortcodes).map((code) => code.replaceAll('_', ' '))
  const names = foldedAll([name, ...shortcodes, textOf(fields?.emoticon) ?? ''])
  return { emoji: asKept(emoji), name, group, names, tags: foldedAll(textsOf(fields?.tags)) }
}

const foldedAll = (texts: readonly string[]): string[] => folded(texts.join('\n')).split('\n').filter(Boolean)

/** As the backend keeps it (shared/model/text/emoji.py); the data also has U+FE0F behind what is a picture without it. */
const asKept = (emoji: string): string => emoji.replace(/(?<=\p{Emoji_Presentation})\uFE0F/gu, '')
