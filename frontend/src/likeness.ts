/** A face for names: initials and a colour of one's own, always the same for the same id. */
import { firstCharacter } from './characters'

/** One or two initials; an emoji or any other script counts as the characters a reader sees. */
export function initialsOf(name: string, most: 1 | 2): string {
  const words = name.trim().split(/\s+/u)
  const first = firstCharacter(words[0] ?? '')
  const last = most > 1 && words.length > 1 ? firstCharacter(words.at(-1) ?? '') : ''
  return (first + last).toUpperCase() || '?'
}

/** A number of 32 bits, derived from an id (FNV-1a). */
export function hashOf(id: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0
  }
  return hash
}

/** A hue in degrees. */
export const hueOf = (id: string): number => hashOf(id) % 360
