/**
 * Notifications of the system. The service worker shows them where there is one: browsers of phones let nobody else.
 * Knows chats by their ids only; public/sw.js tells which one was clicked.
 */

export interface SystemNotification {
  heading: string
  body: string
  chatId: string
}

/** What of the browser is needed; any of it may be missing. */
export interface NotifyingBrowser {
  Notification?: Pick<typeof Notification, 'permission' | 'requestPermission'> &
    (new (title: string, options: NotificationOptions) => Pick<Notification, 'close' | 'onclick'>)
  navigator: {
    serviceWorker?: Pick<ServiceWorkerContainer, 'getRegistration'> & Pick<EventTarget, 'addEventListener'>
  }
  focus: () => void
}

export class SystemNotifications {
  private readonly listening = new AbortController()

  /** @param showChat is told which chat was clicked. */
  constructor(
    private readonly browser: NotifyingBrowser,
    private readonly showChat: (chatId: string) => void,
  ) {
    const hear = (event: Event): void => {
      const { data } = event as MessageEvent<{ showChat?: unknown } | null>
      if (typeof data?.showChat === 'string') showChat(data.showChat)
    }
    const { signal } = this.listening
    workersOf(browser)?.addEventListener('message', hear, { signal })
  }

  /** Hears of no more clicks. */
  close(): void {
    this.listening.abort()
  }

  /** Shows one for each chat: the newest takes the place of the one before. Without permission nothing happens. */
  async show({ heading, body, chatId }: SystemNotification): Promise<void> {
    const { Notification } = this.browser
    if (Notification?.permission !== 'granted') return
    const options = { body, tag: chatId, icon: '/icons/icon-192.png', data: { chatId } }
    const worker = await workersOf(this.browser)
      ?.getRegistration()
      .catch(() => undefined)
    if (worker?.active) return worker.showNotification(heading, options)
    try {
      const notification = new Notification(heading, options)
      notification.onclick = () => {
        this.browser.focus()
        notification.close()
        this.showChat(chatId)
      }
    } catch {
      // Browsers of phones have the constructor and refuse it.
    }
  }
}

/** Some browsers have service workers and forbid them. */
function workersOf({ navigator }: NotifyingBrowser): NotifyingBrowser['navigator']['serviceWorker'] {
  try {
    return navigator.serviceWorker
  } catch {
    return undefined
  }
}

/** Asks the user; false where they or the browser say no. */
export async function askForNotifications({ Notification }: NotifyingBrowser): Promise<boolean> {
  return (await Notification?.requestPermission()) === 'granted'
}
