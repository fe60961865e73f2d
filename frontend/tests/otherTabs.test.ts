import { afterEach, expect, test, vi } from 'vitest'
import { otherTabs } from '../src/browser/otherTabs'

afterEach(() => vi.unstubAllGlobals())

test('a tab that tells is heard by the others', async () => {
  const heard = new Promise<void>((resolve) => otherTabs('news', resolve))
  const telling = otherTabs('news', () => undefined)
  telling.tell()
  await heard
  telling.close()
})

test('in a browser that has no way to tell other tabs each is on its own', () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  const tabs = otherTabs('news', () => undefined)
  tabs.tell()
  tabs.close()
  vi.stubGlobal('BroadcastChannel', function forbidden() {
    throw new DOMException('Access is denied.', 'SecurityError')
  })
  expect(() => otherTabs('news', () => undefined).tell()).not.toThrow()
})
