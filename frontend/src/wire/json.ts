/**
 * Reading values of unknown shape: what another machine sent is `unknown` until a field has been looked at.
 * Knows nothing of chats.
 */

export type Fields = Record<string, unknown>

/** The value as a record of fields, or null when it is anything else. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

/** The value as text that is not empty, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The value as a number, or null. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** The moment that an ISO 8601 text names, in milliseconds since the epoch, or null. */
export function timeOf(value: unknown): number | null {
  const time = Date.parse(textOf(value) ?? '')
  return Number.isNaN(time) ? null : time
}

/** The value inside a JSON text; undefined when the text is no JSON. */
export function valueInJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The texts in a list; anything else in it is left out. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf).filter((text) => text !== null) : []
}

/** Every entry of a record that `read` understands; entries it does not understand are left out. */
export function mapOf<T>(value: unknown, read: (entry: unknown) => T | null): T[] {
  const found: T[] = []
  for (const entry of Object.values(fieldsOf(value) ?? {})) {
    const item = read(entry)
    if (item !== null) found.push(item)
  }
  return found
}
