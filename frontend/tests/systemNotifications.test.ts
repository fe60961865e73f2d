import { beforeEach, describe, expect, test } from 'vitest'
import {
  askForNotifications,
  SystemNotifications,
  type NotifyingBrowser,
} from '../src/browser/systemNotifications'
import { settled } from './fakes'

const note = { heading: 'Grace in art', body: 'hi', chatId: 'art', messageId: 'm1' }

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
/** Ids of messages that are read. */
let read: Set<string>
/** What the worker shows, by chat: also for other tabs. */
let byWorker: Map<string, { data: unknown; close: () => void }>
/** Happens while a notification is on its way to the system. */
let meanwhile: () => void | Promise<void>
/** How many notifications are on their way to the system, and whether they were listed meanwhile. */
let onTheWay: number
let forgotten: boolean

/** Of all tabs, those who ask get a lock one after the other. */
class FakeLocks {
  private last = Promise.resolve()

  request(_: string, run: () => Promise<void>): Promise<void> {
    this.last = this.last.then(run)
    return this.last
  }
}

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
    showNotification: async (heading: string, options: NotificationOptions) => {
      if (refusing) throw new TypeError('No permission.')
      shown.push({ by: 'worker', heading, options })
      onTheWay += 1
      await meanwhile()
      onTheWay -= 1
      putUp('m1', options.tag)
    },
    getNotifications: () => {
      forgotten ||= onTheWay > 0
      return Promise.resolve([...byWorker.values()])
    },
  }
  const serviceWorker = Object.assign(messages, {
    getRegistration: () => Promise.resolve(worker === 'none' ? undefined : registration),
  })
  return {
    Notification: PageNotification,
    navigator: { serviceWorker, locks: new FakeLocks() },
    focus: () => opened.push('focus'),
  } as unknown as NotifyingBrowser
}

const notifications = (from: NotifyingBrowser): SystemNotifications =>
  new SystemNotifications(
    from,
    (chatId) => opened.push(chatId),
    (_, messageId) => !read.has(messageId),
  )

function putUp(messageId: string, chatId = 'art'): void {
  byWorker.set(chatId, { data: { chatId, messageId }, close: () => byWorker.delete(chatId) })
}

beforeEach(() => {
  shown = []
  opened = []
  made = []
  refusing = false
  read = new Set()
  byWorker = new Map()
  meanwhile = () => undefined
  onTheWay = 0
  forgotten = false
  messages = new EventTarget()
})

describe('a notification of the system', () => {
  test('is shown by the service worker, one for each chat, and a click is heard from it', async () => {
    const system = notifications(browser('granted', 'active'))
    await system.show(note)
    const options = {
      body: 'hi',
      tag: 'art',
      icon: '/icons/icon-192.png',
      data: { chatId: 'art', messageId: 'm1' },
    }
    expect(shown).toEqual([{ by: 'worker', heading: 'Grace in art', options }])
    messages.dispatchEvent(new MessageEvent('message', { data: { showChat: 'art' } }))
    messages.dispatchEvent(new MessageEvent('message', { data: null }))
    void system.close()
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

  test.each(['none', 'active'] as const)(
    'that the browser refuses is no error while a worker is %s',
    async (worker) => {
      refusing = true
      await notifications(browser('granted', worker)).show(note)
      expect(shown).toEqual([])
    },
  )

  test('for which the browser does not let the page ask is not allowed', async () => {
    const Notification = { requestPermission: () => Promise.reject(new DOMException('Not here.')) }
    expect(await askForNotifications({ ...browser('default', 'none'), Notification } as never)).toBe(false)
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

describe('while a notification is being shown', () => {
  test('no tab lists what is shown', async () => {
    meanwhile = settled
    const shared = browser('granted', 'active')
    const [here, there] = [notifications(shared), notifications(shared)]
    await Promise.all([here.withdraw(), here.show(note), there.withdraw(), there.show(note)])
    expect([shown.length, forgotten]).toEqual([2, false])
  })

  test.each(['missing', 'refused'])('browsers whose locks are %s do without', async (locks) => {
    const bare = browser('granted', 'active')
    const refused = { request: () => Promise.reject(new DOMException('Denied.', 'SecurityError')) }
    bare.navigator.locks = locks === 'missing' ? undefined : refused
    await notifications(bare).show(note)
    expect([...byWorker.keys()]).toEqual(['art'])
  })
})

describe('what is news no more', () => {
  test('is taken back, also what another tab has shown, and nothing else', async () => {
    const system = notifications(browser('granted', 'active'))
    await system.show(note)
    putUp('m2', 'of another tab')
    putUp('m3', 'unread')
    await system.withdraw()
    expect([...byWorker.keys()]).toEqual(['art', 'of another tab', 'unread'])
    read = new Set(['m1', 'm2'])
    await system.withdraw()
    expect([...byWorker.keys()]).toEqual(['unread'])
  })

  test.each(['starting', 'none'] as const)('is taken back while a worker is %s', async (worker) => {
    const system = notifications(browser('granted', worker))
    await system.show(note)
    await system.withdraw()
    expect(made).toHaveLength(1)
    read.add('m1')
    await system.withdraw()
    expect(made).toEqual([])
  })

  test('is not shown, and does not stay when it was read on its way', async () => {
    const system = notifications(browser('granted', 'active'))
    meanwhile = () => void read.add('m1')
    await system.show(note)
    expect(byWorker.size).toBe(0)
    await system.show(note)
    expect(shown).toHaveLength(1)
  })

  test('is all of it for who signs out, also what comes late', async () => {
    const system = notifications(browser('granted', 'active'))
    await system.show(note)
    putUp('m2', 'of another tab')
    await system.close()
    await system.show(note)
    expect([byWorker.size, shown.length]).toEqual([0, 1])
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
