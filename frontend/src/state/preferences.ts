/** What the user has chosen for this browser. Knows how it is kept, not what it does. */
import { reactive, watch } from 'vue'
import { languages, type Language } from '../texts/language'
import { fieldsOf, valueInJson } from '../wire/json'
import { attentions, type Attention } from './attention'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export interface Preferences {
  theme: Theme
  /** Null follows the browser. */
  language: Language | null
  sound: boolean
  /** Whether the system shows what arrives while the page is hidden. */
  notifications: boolean
  /** chat id → of what to tell; a chat that is not here tells all. */
  attention: Record<string, Attention>
}

type Keeping = Pick<Storage, 'getItem' | 'setItem'>

const key = 'chatr.preferences'

const oneOf = <T>(values: readonly T[], value: unknown): T | undefined => values.find((one) => one === value)

/** Whatever is kept, also by an older page, gives whole preferences. */
export function readPreferences(kept: string | null): Preferences {
  const fields = fieldsOf(valueInJson(kept ?? ''))
  const attention: Record<string, Attention> = {}
  for (const [chatId, value] of Object.entries(fieldsOf(fields?.attention) ?? {})) {
    const known = oneOf(attentions, value)
    if (known !== undefined) attention[chatId] = known
  }
  return {
    theme: oneOf(themes, fields?.theme) ?? 'system',
    language: oneOf(languages, fields?.language) ?? null,
    sound: fields?.sound === true,
    notifications: fields?.notifications === true,
    attention,
  }
}

/** The preferences as a reactive object; a change of it is kept at once. */
export function keptPreferences(storage: Keeping): Preferences {
  const preferences = reactive(readPreferences(storage.getItem(key)))
  watch(preferences, (now) => storage.setItem(key, JSON.stringify(now)), { flush: 'sync' })
  return preferences
}

export const attentionOf = ({ attention }: Preferences, chatId: string): Attention =>
  attention[chatId] ?? 'all'

export function setAttention(preferences: Preferences, chatId: string, value: Attention): void {
  const others = Object.entries(preferences.attention).filter(([id]) => id !== chatId)
  preferences.attention = Object.fromEntries(value === 'all' ? others : [...others, [chatId, value]])
}
