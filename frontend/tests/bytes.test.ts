import { Buffer as NodeBuffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Buffer } from '../src/connection/bytes'

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)

test.each([0, 1, 2, 3, 255, 256])(
  'the first %i bytes become the same base64 as in Node, and come back',
  (length) => {
    const bytes = all.slice(0, length)
    const text = Buffer.from(bytes.buffer).toString()
    expect(text).toBe(NodeBuffer.from(bytes).toString('base64'))
    const back = Buffer.from(text)
    expect(new Uint8Array(back.buffer.slice(back.byteOffset, back.byteOffset + back.byteLength))).toEqual(
      bytes,
    )
  },
)

test('the client asks for nothing else', () => {
  const protocol = readFileSync(
    'node_modules/@azure/web-pubsub-client/dist/browser/protocols/jsonProtocolBase.js',
    'utf8',
  )
  const asked = protocol.match(/\bBuffer\.[^;]*;/gu)
  expect(asked).toEqual(['Buffer.from(data).toString("base64");', 'Buffer.from(data, "base64");'])
})
