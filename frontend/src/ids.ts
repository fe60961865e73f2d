/** Ids made by the browser. `crypto.randomUUID` exists only on https and localhost; random bytes exist everywhere. */
export function newId(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID()
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16))
  // Version 4, variant 1 (RFC 9562).
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return hexOf(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Ids of one's own messages that nobody else can use: version 8 (RFC 9562), marked, whose last 12 digits name
 * the author (docs/protocol.md, "Limits"). Browsers hash only on https and localhost, and a moment passes; until then, any id.
 */
export class AuthoredIds {
  private digits = ''

  constructor(userId: string) {
    void this.name(userId)
  }

  next(): string {
    const id = newId()
    return this.digits === '' ? id : `${id.slice(0, 14)}8c4a${id.slice(18, 24)}${this.digits}`
  }

  private async name(userId: string): Promise<void> {
    if (!('subtle' in crypto)) return
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(userId))
    this.digits = hexOf(new Uint8Array(hash)).slice(0, 12)
  }
}
