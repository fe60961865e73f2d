/** Tells when the user does something for the first time: what cannot be needed before is loaded then. */
import { onMounted, onUnmounted } from 'vue'

const inputs = ['pointerdown', 'keydown'] as const

export function useFirstInput(came: () => void): void {
  const listening = new AbortController()
  const once = (): void => {
    listening.abort()
    came()
  }
  onMounted(() => {
    const { signal } = listening
    inputs.forEach((name) => window.addEventListener(name, once, { signal, capture: true, passive: true }))
  })
  onUnmounted(() => listening.abort())
}
