/** The keys that work anywhere on the page; plain letters only while nothing is being typed. */
import { onMounted, onUnmounted } from 'vue'

export interface Shortcuts {
  switcher: () => void
  list: () => void
  search: () => void
  newChat: () => void
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null

/** While a dialog or menu is open, keys are its own. */
const isCovered = (): boolean => document.querySelector('[role$="dialog"], [role="menu"]') !== null

export function useShortcuts(actions: Shortcuts): void {
  const plain: Record<string, () => void> = {
    '?': actions.list,
    '/': actions.search,
    n: actions.newChat,
  }

  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || isCovered()) return
    const control = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    const action = control ? (key === 'k' ? actions.switcher : undefined) : plain[key]
    if (action === undefined || event.altKey || (!control && isTyping(event.target))) return
    event.preventDefault()
    action()
  }

  onMounted(() => window.addEventListener('keydown', pressed))
  onUnmounted(() => window.removeEventListener('keydown', pressed))
}
