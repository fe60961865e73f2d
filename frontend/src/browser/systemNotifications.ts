/**
 * Notifications of the system. The service worker shows them where there is one: browsers of phones let nobody else.
 * Knows chats by their ids only; public/sw.js tells which one was clicked.
 */

export interface SystemNotification {
  heading: string
  body: string
  chatId: string
  messageId: string
}

/** Whether a message is still one of which to be told. */
export type IsNews = (chatId: string, messageId: string) => boolean

/** What a notification knows of its message. */
interface About {
  chatId: string
  messageId: string
}

/**
 * The Web Lock that lets only one tab at a time show or list notifications. If notifications are listed while one is
 * being shown, Chromium forgets that one: it stays on the screen and cannot be withdrawn.
 */
const oneAtATime = 'chatr.system-notifications'

/** What of the browser is needed; any of it may be missing. */
export interface NotifyingBrowser {
  Notification?: Pick<typeof Notification, 'permission' | 'requestPermission'> &
    (new (title: string, options: NotificationOptions) => Pick<Notification, 'close' | 'onclick'>)
  navigator: {
    serviceWorker?: Pick<ServiceWorkerContainer, 'getRegistration'> & Pick<EventTarget, 'addEventListener'>
    locks?: Pick<LockManager, 'request'>
  }
  focus: () => void
}

export class SystemNotifications {
  private readonly listening = new AbortController()
  /** By chat, what is shown without a service worker. */
  private readonly own = new Map<string, { messageId: string; notification: Pick<Notification, 'close'> }>()

  /**
   * @param showChat is told which chat was clicked.
   * @param isNews is asked of each notification, again and again.
   */
  constructor(
    private readonly browser: NotifyingBrowser,
    private readonly showChat: (chatId: string) => void,
    private isNews: IsNews,
  ) {
    const hear = (event: Event): void => {
      const { data } = event as MessageEvent<{ showChat?: unknown } | null>
      if (typeof data?.showChat === 'string') showChat(data.showChat)
    }
    const { signal } = this.listening
    workersOf(browser)?.addEventListener('message', hear, { signal })
  }

  /** For sign-out: stops listening for clicks and withdraws all notifications. */
  async close(): Promise<void> {
    this.listening.abort()
    this.isNews = () => false
    await this.withdraw()
  }

  /** Shows one for each chat: the newest takes the place of the one before. Without permission nothing happens. */
  async show(shown: SystemNotification): Promise<void> {
    if (this.browser.Notification?.permission !== 'granted') return
    await this.alone(() => this.showNow(shown))
    // It may have been read while it was on its way.
    await this.withdraw()
  }

  /** Takes back what is news no more, also what other tabs have shown. */
  async withdraw(): Promise<void> {
    await this.alone(() => this.withdrawNow())
  }

  private async showNow({ heading, body, chatId, messageId }: SystemNotification): Promise<void> {
    const worker = await this.worker()
    if (!this.isNews(chatId, messageId)) return
    const data: About = { chatId, messageId }
    const options = { body, tag: chatId, icon: '/icons/icon-192.png', data }
    // Refused where it was forbidden meanwhile.
    if (worker?.active) await worker.showNotification(heading, options).catch(() => undefined)
    else this.showOwn(heading, options, data)
  }

  private async withdrawNow(): Promise<void> {
    for (const [chatId, { messageId, notification }] of this.own) {
      if (this.isNews(chatId, messageId)) continue
      this.own.delete(chatId)
      notification.close()
    }
    const shown = await (await this.worker())?.getNotifications().catch(() => [])
    for (const notification of shown ?? []) {
      const { chatId, messageId } = notification.data as About
      if (!this.isNews(chatId, messageId)) notification.close()
    }
  }

  private showOwn(heading: string, options: NotificationOptions, { chatId, messageId }: About): void {
    const { Notification } = this.browser
    if (Notification === undefined) return
    try {
      const notification = new Notification(heading, options)
      this.own.set(chatId, { messageId, notification })
      notification.onclick = () => {
        this.browser.focus()
        notification.close()
        this.showChat(chatId)
      }
    } catch {
      // Browsers of phones have the constructor and refuse it.
    }
  }

  private async alone(run: () => Promise<void>): Promise<void> {
    const { locks } = this.browser.navigator
    // Where locks are refused, so are workers; then all of it is this page's own.
    await (locks === undefined ? run() : locks.request(oneAtATime, run).catch(run))
  }

  private async worker(): Promise<ServiceWorkerRegistration | undefined> {
    return workersOf(this.browser)
      ?.getRegistration()
      .catch(() => undefined)
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
  try {
    return (await Notification?.requestPermission()) === 'granted'
  } catch {
    return false
  }
}
