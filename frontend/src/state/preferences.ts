/** What the user has chosen for this browser, in all its tabs. Knows how it is kept, not what it does. */
import { reactive, watch } from 'vue'
import type { BrowserStorage } from '../browser/browserStorage'
import { languages, type Language } from '../texts/language'
import { fieldsOf, valueInJson, type Fields } from '../wire/json'
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

/** Each begins with this: `chatr.preference/theme`, `chatr.preference/attention/<chat id>`. */
const prefix = 'chatr.preference/'
const attentionPrefix = 'attention/'
/** All in one, as pages kept them until 2026. */
const oldKey = 'chatr.preferences'

const oneOf = <T>(values: readonly T[], value: unknown): T | undefined => values.find((one) => one === value)

/** Whatever is kept, also by an older page, gives whole preferences. */
export function readPreferences(kept: string | null): Preferences {
  return preferencesOf(fieldsOf(valueInJson(kept ?? '')))
}

function preferencesOf(fields: Fields | null): Preferences {
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

/** The preferences as facts of their own: name → JSON. */
function factsOf({ attention, ...others }: Preferences): Map<string, string> {
  const ofChats = Object.entries(attention).map(
    ([chatId, value]) => [attentionPrefix + chatId, value] as const,
  )
  return new Map(
    [...Object.entries(others), ...ofChats].map(([name, value]) => [name, JSON.stringify(value)]),
  )
}

function keptIn(storage: BrowserStorage): Preferences {
  const facts = storage.keys(prefix).map((key) => {
    return [key.slice(prefix.length), valueInJson(storage.read(key) ?? '')] as const
  })
  const ofChats = facts
    .filter(([name]) => name.startsWith(attentionPrefix))
    .map(([name, value]) => [name.slice(attentionPrefix.length), value] as const)
  return preferencesOf({ ...Object.fromEntries(facts), attention: Object.fromEntries(ofChats) })
}

/** What was kept in one piece; what has been chosen since then counts. */
function takeApart(storage: BrowserStorage): void {
  const old = storage.read(oldKey)
  if (old === null) return
  for (const [name, value] of factsOf(readPreferences(old))) {
    if (storage.read(prefix + name) === null) storage.keep(prefix + name, value)
  }
  storage.remove(oldKey)
}

/** The preferences as a reactive object. A change is kept at once, and only what has changed; those of other tabs come in. */
export function keptPreferences(storage: BrowserStorage): Preferences {
  takeApart(storage)
  const preferences = reactive(keptIn(storage))
  let kept = factsOf(preferences)
  let following = false

  function keep(now: Preferences): void {
    if (following) return
    const facts = factsOf(now)
    for (const [name, value] of facts) {
      if (kept.get(name) !== value) storage.keep(prefix + name, value)
    }
    for (const name of kept.keys()) if (!facts.has(name)) storage.remove(prefix + name)
    kept = facts
  }

  function follow(key: string | null): void {
    if (key !== null && !key.startsWith(prefix)) return
    following = true
    Object.assign(preferences, keptIn(storage))
    following = false
    kept = factsOf(preferences)
  }

  watch(preferences, keep, { flush: 'sync' })
  storage.follow(follow)
  return preferences
}

export const attentionOf = ({ attention }: Preferences, chatId: string): Attention =>
  attention[chatId] ?? 'all'

export function setAttention(preferences: Preferences, chatId: string, value: Attention): void {
  const others = Object.entries(preferences.attention).filter(([id]) => id !== chatId)
  preferences.attention = Object.fromEntries(value === 'all' ? others : [...others, [chatId, value]])
}
