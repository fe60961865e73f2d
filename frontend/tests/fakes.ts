/** Stand-ins for what the page talks to: time, the service and the API. */
import { ApiError, type Api, type MessageQuery } from '../src/api'
import { BrowserStorage } from '../src/browser/browserStorage'
import type { Clock } from '../src/clock'
import { SendError, type OpenSocket, type Socket, type SocketListener } from '../src/connection/socket'
import type { Envelope, GroupPayload } from '../src/wire/events'
import type { Found, Page } from '../src/wire/http'
import type { Chat, Me, Member, OwnChat, StoredMessage, User } from '../src/wire/model'

/** Lets everything that waits for settled promises run; nothing here waits on more of them in a row. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve()
}

export class FakeClock implements Clock {
  private timers: { at: number; run: () => void }[] = []
  constructor(private time = Date.parse('2024-05-01T12:00:00Z')) {}

  now(): number {
    return this.time
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** Moves on, running what is due in its order. */
  pass(ms: number): void {
    const until = this.time + ms
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.timers = this.timers.filter((other) => other !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
    }
    this.time = until
  }

  async passAndSettle(ms: number): Promise<void> {
    this.pass(ms)
    await settled()
  }

  /** Moves on without running anything: the machine slept. */
  sleep(ms: number): void {
    this.time += ms
  }
}

export interface SentEvent {
  name: string
  data: unknown
}

export class FakeSocket implements Socket {
  events: SentEvent[] = []
  groupMessages: { group: string; data: GroupPayload }[] = []
  stopped = false
  userId = 'ada'
  ackDue = false
  started: { resolve: () => void; reject: (error: unknown) => void } | null = null
  /** What happens to an event or message before its ack; throw to fail it. */
  onEvent: (event: SentEvent) => void = () => undefined
  onGroupMessage: (group: string, data: GroupPayload) => void = () => undefined

  constructor(readonly listener: SocketListener) {}

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.started = { resolve, reject }
    })
  }

  stop(): void {
    this.stopped = true
  }

  awaitsAck(): boolean {
    return this.ackDue
  }

  sendEvent(name: string, data: unknown): Promise<void> {
    this.events.push({ name, data })
    return settled().then(() => this.onEvent({ name, data }))
  }

  sendToGroup(group: string, data: GroupPayload): Promise<void> {
    this.groupMessages.push({ group, data })
    return settled().then(() => this.onGroupMessage(group, data))
  }

  greet(): void {
    this.started?.resolve()
    this.listener.connected(this.userId)
  }

  tell(chatEvent: string, data: unknown): void {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    this.receive({ from: 'server', data: { chatEvent, data: text } })
  }

  say(group: string, fromUserId: string, data: unknown): void {
    this.receive({ from: 'group', group, fromUserId, data })
  }

  receive(envelope: Envelope): void {
    this.listener.heard()
    this.listener.received(envelope)
  }

  namesOfEvents(): string[] {
    return this.events.map(({ name }) => name)
  }
}

export class FakeService {
  sockets: FakeSocket[] = []
  open: OpenSocket = (listener) => {
    const socket = new FakeSocket(listener)
    this.sockets.push(socket)
    return socket
  }

  get latest(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('No socket was opened.')
    return socket
  }
}

export const connectionGone = (): never => {
  throw new SendError(false, 'gone')
}

export const person = (userId: string, userName = userId): Me => ({ userId, userName, userProvider: 'guest' })
export const user = (userId: string, idle = false): User => ({ ...person(userId), idle })

export function chat(id: string, memberIds: string[], more: Partial<Chat> = {}): Chat {
  const members = new Map(memberIds.map((userId) => [userId, { userId, userName: userId }]))
  return { id, name: id, owner: memberIds[0] ?? '', kind: 'public', members, moderated: false, ...more }
}

/** The same chat as the wire has it. */
export const wireChat = (id: string, memberIds: string[]): object => {
  const { members, ...rest } = chat(id, memberIds)
  return { ...rest, members: Object.fromEntries(members) }
}

export function stored(id: string, time: number, fromUserId = 'grace'): StoredMessage {
  const more = { fromUserId, fromUserName: fromUserId, mentions: [], reactions: new Map() }
  return { id, message: `text of ${id}`, time, ...more }
}

export class FakeApi implements Api {
  /** The public ones. */
  chats: Chat[] = []
  chatsOnAPage = 50
  /** Behind which chat each page was asked for. */
  askedForChats: string[] = []
  mine: Chat[] = []
  unread = new Map<string, number>()
  unreadMentions = new Map<string, number>()
  lastRead = new Map<string, string>()
  unreadSince = new Map<string, number>()
  online: User[] = []
  /** The ids of all members, by chat. */
  everybody = new Map<string, string[]>()
  askedForMembers: string[] = []
  history = new Map<string, StoredMessage[]>()
  pageSize = 50
  failure: ApiError | null = null
  /** Called before each list is answered, while its request is on the way. */
  beforeAnswer: () => void = () => undefined

  constructor(private readonly clock: Clock) {}

  me = (): Promise<Me | null> => Promise.resolve(person('ada'))
  signInAsGuest = (): Promise<void> => Promise.resolve()
  signOutGuest = (): Promise<void> => Promise.resolve()
  accessUrl = (): Promise<string> => Promise.resolve('ws://example/client')
  publicChats = (after = ''): Promise<Page<Chat>> =>
    this.answer(() => {
      this.askedForChats.push(after)
      const behind = this.chats.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
      const items = structuredClone(behind.slice(0, this.chatsOnAPage))
      return { items, next: behind.length > items.length ? (items.at(-1)?.id ?? null) : null }
    })
  myChats = (): Promise<OwnChat[]> =>
    this.answer(() =>
      this.mine.map((one) => ({
        chat: structuredClone(one),
        unread: this.unread.get(one.id) ?? 0,
        unreadMentions: this.unreadMentions.get(one.id) ?? 0,
        lastRead: this.lastRead.get(one.id),
        unreadSince: this.unreadSince.get(one.id),
      })),
    )
  /** Whom Ada has blocked, and how often that was asked. */
  blockedPeople: Member[] = []
  askedForBlocked = 0
  blocked = (): Promise<Member[]> =>
    this.answer(() => {
      this.askedForBlocked += 1
      return [...this.blockedPeople]
    })
  members = (chatId: string): Promise<Member[]> =>
    this.answer(() => {
      const found = this.everybody.get(chatId) ?? []
      this.askedForMembers.push(chatId)
      return found.map((userId) => ({ userId, userName: userId }))
    })
  users = (): Promise<User[]> => this.answer(() => structuredClone(this.online))
  serverNow = (): number => this.clock.now()
  search = (): Promise<Page<Found>> => this.answer(() => ({ items: [], next: null }))
  exportChat = (): Promise<string[]> => Promise.resolve([])

  messages(
    chatId: string,
    { before, after }: MessageQuery,
  ): Promise<{ messages: StoredMessage[]; more: boolean }> {
    return this.answer(() => {
      const all = this.history.get(chatId) ?? []
      const place = all.findIndex(({ id }) => id === (before ?? after))
      if ((before ?? after) !== undefined && place < 0) throw new ApiError(404, 'MessageNotFound', 'gone')
      if (after !== undefined) {
        const newer = all.slice(place + 1)
        return { messages: newer.slice(0, this.pageSize), more: newer.length > this.pageSize }
      }
      const older = before === undefined ? all : all.slice(0, place)
      return { messages: older.slice(-this.pageSize), more: older.length > this.pageSize }
    })
  }

  private async answer<T>(read: () => T): Promise<T> {
    if (this.failure) throw this.failure
    const answer = read()
    await settled()
    this.beforeAnswer()
    return answer
  }
}

/** What the tabs of one browser share. */
class FakeBrowser {
  readonly items = new Map<string, string>()
  readonly pages = new Set<EventTarget>()
  /** How many letters fit in. */
  room = Infinity
  forbidden = false

  /** Its storage, as one of its pages has it: the others hear of what that one changes. */
  openedBy(page: EventTarget): Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'> {
    if (this.forbidden) throw new DOMException('Access is denied.', 'SecurityError')
    const { items } = this
    const change = (key: string, value: string | null): void => {
      const before = items.get(key) ?? null
      if (value === before) return
      if (value === null) items.delete(key)
      else items.set(key, value)
      const change = { key, newValue: value, oldValue: before }
      for (const other of this.pages) {
        if (other !== page) other.dispatchEvent(Object.assign(new Event('storage'), change))
      }
    }
    return {
      length: items.size,
      key: (index) => [...items.keys()][index] ?? null,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => {
        const others = [...items].filter(([other]) => other !== key).flat()
        const letters = [...others, key, value].reduce((sum, { length }) => sum + length, 0)
        if (letters > this.room) throw new DOMException('No room.', 'QuotaExceededError')
        change(key, value)
      },
      removeItem: (key) => change(key, null),
    }
  }
}

/** What a browser keeps, as one tab has it. */
export class FakeStorage extends BrowserStorage {
  private readonly tab: EventTarget

  constructor(readonly browser = new FakeBrowser()) {
    const tab = new EventTarget()
    super(() => browser.openedBy(tab), tab)
    browser.pages.add((this.tab = tab))
  }

  get items(): Map<string, string> {
    return this.browser.items
  }

  otherTab = (): FakeStorage => new FakeStorage(this.browser)
  setItem = (key: string, value: string): void => void this.items.set(key, value)

  /** The browser has put this tab to sleep, and what others changed has not reached it. */
  sleep = (): boolean => this.browser.pages.delete(this.tab)

  wake(): void {
    this.browser.pages.add(this.tab)
    this.tab.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  }
}
