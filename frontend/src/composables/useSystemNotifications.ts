/** The notifications of the system, loaded for those who chose them: nobody else has any. */
import { onMounted, onUnmounted } from 'vue'
import type { Preferences } from '../state/preferences'
import type { IsNews, SystemNotification, SystemNotifications } from '../browser/systemNotifications'

export interface NotifyingSystem {
  show(notification: SystemNotification): void
  /** Takes back what is news no more. */
  withdraw(): void
}

export function useSystemNotifications(
  preferences: Preferences,
  showChat: (chatId: string) => void,
  isNews: IsNews,
): NotifyingSystem {
  let loaded: Promise<SystemNotifications> | null = null

  const load = async (): Promise<SystemNotifications> => {
    const module = await import('../browser/systemNotifications')
    return new module.SystemNotifications(window, showChat, isNews)
  }

  async function run(what: (system: SystemNotifications) => Promise<void>): Promise<void> {
    if (loaded === null && !preferences.notifications) return
    loaded ??= load()
    // Without a connection it may not be loaded, and may be later.
    const system = await loaded.catch(() => (loaded = null))
    if (system) await what(system)
  }

  // Clicks on what is shown already are to be heard.
  onMounted(() => void run(() => Promise.resolve()))
  onUnmounted(() => void run((system) => system.close()))
  return {
    show: (notification) => void run((system) => system.show(notification)),
    withdraw: () => void run((system) => system.withdraw()),
  }
}
