/**
 * Watches mouse, keys and touch and tells when the user is idle. Other tabs of the same browser count: being active
 * in one is being active in all. Undone on unmount.
 */
import { onMounted, onUnmounted } from 'vue'
import { systemClock } from '../clock'
import { otherTabs } from '../browser/otherTabs'
import { watchIdle } from '../state/idle'
import { useBrowserStorage } from './useBrowserStorage'

const idleAfterMs = 60_000
/** Set by tests, which cannot wait for a minute. */
const storageKey = 'chatr.idleSeconds'
/** Mouse moves come by the hundred. */
const noteAtMostEveryMs = 500
/** Keys of an input method are told by what they write (inputMethod.ts). */
const inputs = ['pointerdown', 'pointermove', 'keydown', 'input', 'touchstart', 'wheel'] as const

function idleTime(seconds: number): number {
  return seconds > 0 ? seconds * 1_000 : idleAfterMs
}

export function useIdle(changed: (idle: boolean) => void): void {
  const storage = useBrowserStorage()
  let undo = (): void => undefined

  onMounted(() => {
    const watch = watchIdle(idleTime(Number(storage.read(storageKey))), systemClock, changed)
    const tabs = otherTabs('chatr.activity', () => watch.active())
    let notedAt = 0
    const noteInput = (): void => {
      const now = systemClock.now()
      if (document.hidden || now - notedAt < noteAtMostEveryMs) return
      notedAt = now
      watch.active()
      tabs.tell()
    }
    inputs.forEach((name) => window.addEventListener(name, noteInput, { passive: true }))
    document.addEventListener('visibilitychange', noteInput)
    undo = () => {
      inputs.forEach((name) => window.removeEventListener(name, noteInput))
      document.removeEventListener('visibilitychange', noteInput)
      tabs.close()
      watch.stop()
    }
  })
  onUnmounted(() => undo())
}
