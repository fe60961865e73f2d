/**
 * Watches mouse, keys and touch and tells when the user is idle. Other tabs of the same browser count: being active
 * in one is being active in all. Undone on unmount.
 */
import { onMounted, onUnmounted } from 'vue'
import { systemClock } from '../clock'
import { watchIdle } from '../state/idle'

const idleAfterMs = 60_000
/** Set by tests, which cannot wait for a minute. */
const storageKey = 'chatr.idleSeconds'
/** Mouse moves come by the hundred. */
const noteAtMostEveryMs = 500
/** Keys of an input method are told by what they write (inputMethod.ts). */
const inputs = ['pointerdown', 'pointermove', 'keydown', 'input', 'touchstart', 'wheel'] as const

function idleTime(): number {
  const seconds = Number(localStorage.getItem(storageKey))
  return seconds > 0 ? seconds * 1_000 : idleAfterMs
}

export function useIdle(changed: (idle: boolean) => void): void {
  let undo = (): void => undefined

  onMounted(() => {
    const watch = watchIdle(idleTime(), systemClock, changed)
    const tabs = new BroadcastChannel('chatr.activity')
    let notedAt = 0
    const noteInput = (): void => {
      const now = systemClock.now()
      if (document.hidden || now - notedAt < noteAtMostEveryMs) return
      notedAt = now
      watch.active()
      tabs.postMessage('active')
    }
    tabs.onmessage = () => watch.active()
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
