import { beforeEach, describe, expect, test } from 'vitest'
import { askForNotifications, SystemNotifications, type NotifyingBrowser } from '../src/systemNotifications'

const note = { heading: 'Grace in art', body: 'hi', chatId: 'art' }

interface Shown {
  by: 'worker' | 'page'
  heading: string
  options: NotificationOptions
}

let shown: Shown[]
let opened: string[]
let made: { onclick: (() => void) | null }[]
let refusing: boolean
let messages: EventTarget

function browser(
  permission: NotificationPermission,
  worker: 'active' | 'starting' | 'none',
): NotifyingBrowser {
  class PageNotification {
    static permission = permission
    static requestPermission = (): Promise<NotificationPermission> => Promise.resolve(permission)
    onclick = null
    close = (): void => void made.pop()

    constructor(heading: string, options: NotificationOptions) {
      if (refusing) throw new TypeError('Illegal constructor.')
      shown.push({ by: 'page', heading, options })
      made.push(this)
    }
  }
  const registration = {
    active: worker === 'active' ? {} : null,
    showNotification: (heading: string, options: NotificationOptions) => {
      shown.push({ by: 'worker', heading, options })
      return Promise.resolve()
    },
  }
  const serviceWorker = Object.assign(messages, {
    getRegistration: () => Promise.resolve(worker === 'none' ? undefined : registration),
  })
  return {
    Notification: PageNotification,
    navigator: { serviceWorker },
    focus: () => opened.push('focus'),
  } as unknown as NotifyingBrowser
}

const notifications = (from: NotifyingBrowser): SystemNotifications =>
  new SystemNotifications(from, (chatId) => opened.push(chatId))

beforeEach(() => {
  shown = []
  opened = []
  made = []
  refusing = false
  messages = new EventTarget()
})

describe('a notification of the system', () => {
  test('is shown by the service worker, one for each chat, and a click is heard from it', async () => {
    const system = notifications(browser('granted', 'active'))
    await system.show(note)
    const options = { body: 'hi', tag: 'art', icon: '/icons/icon-192.png', data: { chatId: 'art' } }
    expect(shown).toEqual([{ by: 'worker', heading: 'Grace in art', options }])
    messages.dispatchEvent(new MessageEvent('message', { data: { showChat: 'art' } }))
    messages.dispatchEvent(new MessageEvent('message', { data: null }))
    system.close()
    messages.dispatchEvent(new MessageEvent('message', { data: { showChat: 'other' } }))
    expect(opened).toEqual(['art'])
  })

  test.each(['starting', 'none'] as const)(
    'is shown by the page while a worker is %s, and a click opens the chat',
    async (worker) => {
      await notifications(browser('granted', worker)).show(note)
      expect(shown.map(({ by }) => by)).toEqual(['page'])
      made[0]?.onclick?.()
      expect(opened).toEqual(['focus', 'art'])
      expect(made).toEqual([])
    },
  )

  test('that the browser refuses to the page is no error', async () => {
    refusing = true
    await notifications(browser('granted', 'none')).show(note)
    expect(shown).toEqual([])
  })

  test.each(['default', 'denied'] as const)('is not shown while permission is %s', async (permission) => {
    await notifications(browser(permission, 'active')).show(note)
    expect(shown).toEqual([])
  })

  test('is nothing where the browser has none', async () => {
    const bare: NotifyingBrowser = { navigator: {}, focus: () => undefined }
    await notifications(bare).show(note)
    expect(await askForNotifications(bare)).toBe(false)
    expect(await askForNotifications(browser('denied', 'none'))).toBe(false)
    expect(await askForNotifications(browser('granted', 'none'))).toBe(true)
  })
})

test('a browser that forbids service workers lets the page show them', async () => {
  const forbidding = browser('granted', 'none')
  Object.defineProperty(forbidding.navigator, 'serviceWorker', {
    get: () => {
      throw new DOMException('Denied.', 'SecurityError')
    },
  })
  await notifications(forbidding).show(note)
  expect(shown.map(({ by }) => by)).toEqual(['page'])
})
