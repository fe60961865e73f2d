/** Shows what is unread outside the page: in its title, on its icon in the tab, and on that of the installed app. */
import { onUnmounted, watchEffect } from 'vue'
import { texts } from '../texts'

type Badging = Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>

function show(title: string | null, unread: number): void {
  document.title = texts.title(title, unread)
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  // A drawn icon would be a data: address, which the content security policy forbids.
  if (icon) icon.href = unread > 0 ? '/favicon-unread.svg' : '/favicon.svg'
  const badging: Badging = navigator
  void (unread > 0 ? badging.setAppBadge?.(unread) : badging.clearAppBadge?.())?.catch(() => undefined)
}

/** @param title gives the name of the chat that is open. */
export function useBadge(title: () => string | null, unread: () => number): void {
  watchEffect(() => show(title(), unread()))
  onUnmounted(() => show(null, 0))
}
