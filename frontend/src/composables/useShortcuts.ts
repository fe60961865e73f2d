/** The keys that lead somewhere from anywhere on the page. */
import { onMounted, onUnmounted } from 'vue'
import { isCovered, shortcutOf, type Shortcut } from '../keyboard/keys'

export function useShortcuts(actions: Record<Shortcut, () => void>): void {
  function pressed(event: KeyboardEvent): void {
    const shortcut = event.defaultPrevented ? null : shortcutOf(event, navigator.platform)
    if (shortcut === null || isCovered()) return
    event.preventDefault()
    actions[shortcut]()
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onUnmounted(() => window.removeEventListener('keydown', pressed))
}
