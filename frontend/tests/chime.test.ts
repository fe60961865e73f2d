import { expect, test } from 'vitest'
import { chime } from '../src/browser/chime'

interface Tone {
  onended: () => void
}

/** Audio of which only the course of events counts. */
function audio(closes: () => Promise<void>) {
  const tones: Tone[] = []
  let closed = 0
  const parameter = { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined }
  class Context {
    currentTime = 0
    destination = {}
    createGain = () => ({ connect: () => undefined, gain: parameter })
    createOscillator() {
      const tone = {
        connect: () => undefined,
        frequency: parameter,
        onended: () => undefined,
        start: () => undefined,
        stop: () => undefined,
      }
      tones.push(tone)
      return tone
    }
    close(): Promise<void> {
      closed++
      return closes()
    }
  }
  return { AudioContext: Context as unknown as typeof AudioContext, tones, closed: () => closed }
}

test('news sound once, and leave nothing open behind them', () => {
  const browser = audio(() => Promise.resolve())
  chime(browser)
  expect([browser.tones.length, browser.closed()]).toEqual([1, 0])
  browser.tones[0]?.onended()
  expect(browser.closed()).toBe(1)
})

test('a browser without sound, or one that refuses it, is no error', async () => {
  const silent = function () {
    throw new DOMException('Too many.', 'NotSupportedError')
  }
  chime({})
  chime({ AudioContext: silent as unknown as typeof AudioContext })
  // An unhandled rejection would fail this run.
  const closedBefore = audio(() => Promise.reject(new DOMException('Closed.', 'InvalidStateError')))
  chime(closedBefore)
  closedBefore.tones[0]?.onended()
  await Promise.resolve()
  expect(closedBefore.closed()).toBe(1)
})
