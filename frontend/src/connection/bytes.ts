/**
 * What @azure/web-pubsub-client asks of Node's Buffer: base64 of binary messages, both ways. The package that stands in
 * for Buffer in browsers weighs 7 KB, more than any part of ours; vite.config.ts puts this in its place.
 */
class Bytes extends Uint8Array<ArrayBuffer> {
  /** In base64. */
  override toString(): string {
    return btoa(Array.from(this, (byte) => String.fromCharCode(byte)).join(''))
  }
}

/** @param data bytes, or the base64 of some. */
function from(data: ArrayBuffer | string): Bytes {
  if (typeof data !== 'string') return new Bytes(data)
  return new Bytes(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)).buffer)
}

export const Buffer = { from }
