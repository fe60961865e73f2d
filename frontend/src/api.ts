/**
 * The HTTP API as typed calls. Knows routes, status codes and the error shape; knows nothing of what is done with the
 * answers. `fetch`, the clock and chance are passed in.
 */
import type { Clock } from './clock'
import { newId } from './ids'
import { readAccessUrl, readBlockedPage, readChatPage, readErrorBody } from './wire/http'
import { readMemberPage, readMessagePage, readOwnChatPage, readSearchPage, readUserPage } from './wire/http'
import type { Found, MessagePage, Page } from './wire/http'
import { pageMessages } from './wire/limits'
import { readMe, type Chat, type Me, type Member, type OwnChat, type User } from './wire/model'

/**
 * The API refused a call or could not be reached; `status` is 0 when there was no answer at all. `requestId` finds the
 * call in the logs.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId = '',
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get signedOut(): boolean {
    return this.status === 401
  }
}

export interface MessageQuery {
  before?: string
  after?: string
  /** At least 1, at most `maxPageMessages`. */
  limit?: number
}

export interface SearchQuery {
  words: string
  chatId?: string
  after?: string
}

export interface Api {
  /** Who the backend says we are; null when signed out. */
  me(): Promise<Me | null>
  signInAsGuest(userName: string): Promise<void>
  signOutGuest(): Promise<void>
  /** A fresh address for one WebSocket connection. */
  accessUrl(): Promise<string>
  /** A page of the list that is in the order of ids: the first, or what is behind the text `after`. */
  publicChats(after?: string): Promise<Page<Chat>>
  myChats(): Promise<OwnChat[]>
  users(): Promise<User[]>
  /** Whom one has blocked. */
  blocked(): Promise<Member[]>
  /** All of them. */
  members(chatId: string): Promise<Member[]>
  messages(chatId: string, query: MessageQuery): Promise<MessagePage>
  /** Messages in one's own chats, or in one of them, with every word of `words`. */
  search(query: SearchQuery): Promise<Page<Found>>
  /** All messages of a chat as JSON lines, page by page. */
  exportChat(chatId: string): Promise<string[]>
  /** The backend's time in milliseconds, as far as the answers so far tell; whole seconds precise. */
  serverNow(): number
}

/**
 * Who asks too much is told when to come again, in seconds. What is only for reading, and a guest's signing in, of which
 * a refusal leaves nothing, does so by itself, so often at most.
 */
const mostWaits = (method: string, path: string): number =>
  method === 'GET' ? 5 : method === 'POST' && path === 'guest' ? 2 : 0
const longestWait = 20
/** Many pages are refused together, and shall not all come again together: each adds up to so much, and more each time. */
const spreadMs = (waits: number): number => 1000 * 2 ** Math.min(waits, 3)

/** Lists longer than this many pages are cut: something is wrong with the cursor. */
const maxPages = 200

export function createApi(fetcher: typeof fetch, clock: Clock, random: () => number): Api {
  let clockOffset = 0

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await accepted(method, path, body)
    return response.json().catch(() => undefined)
  }

  /** Rejects with ApiError for an answer that is none. */
  async function accepted(method: string, path: string, body?: unknown, waits = 0): Promise<Response> {
    const requestId = newId()
    const askedAt = clock.now()
    const response = await send(method, path, requestId, body)
    const serverTime = Date.parse(response.headers.get('date') ?? '')
    if (!Number.isNaN(serverTime)) noteServerTime(serverTime, askedAt)
    if (response.ok) return response
    const wait = Math.max(1, Number(response.headers.get('retry-after')))
    if (response.status === 429 && waits < mostWaits(method, path) && wait <= longestWait) {
      await new Promise<void>((resolve) => clock.after(wait * 1000 + random() * spreadMs(waits), resolve))
      return accepted(method, path, body, waits + 1)
    }
    const error = readErrorBody(await response.json().catch(() => undefined))
    throw new ApiError(
      response.status,
      error?.code ?? 'Unavailable',
      error?.message ?? response.statusText,
      requestId,
    )
  }

  async function send(method: string, path: string, requestId: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', 'x-request-id': requestId }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }
    return fetcher(`/api/${path}`, init).catch((reason: unknown) => {
      throw new ApiError(0, 'Unreachable', reason instanceof Error ? reason.message : 'no answer', requestId)
    })
  }

  /** The Date header has whole seconds and was written while the call was on its way; what agrees with that stays. */
  function noteServerTime(serverTime: number, askedAt: number): void {
    const [least, most] = [serverTime - clock.now(), serverTime + 999 - askedAt]
    clockOffset = Math.min(Math.max(clockOffset, least), most)
  }

  async function everyPage<T>(path: string, read: (body: unknown) => Page<T>): Promise<T[]> {
    const items: T[] = []
    let cursor: string | undefined
    for (let count = 0; count < maxPages; count++) {
      const page = read(await call('GET', path + behind(cursor)))
      items.push(...page.items)
      if (page.next === null) break
      cursor = page.next
    }
    return items
  }

  return {
    async me() {
      try {
        return readMe(await call('GET', 'me'))
      } catch (error) {
        if (error instanceof ApiError && error.signedOut) return null
        throw error
      }
    },
    async signInAsGuest(userName) {
      await call('POST', 'guest', { userName })
    },
    async signOutGuest() {
      await call('DELETE', 'guest')
    },
    async accessUrl() {
      const url = readAccessUrl(await call('GET', 'getToken'))
      if (url === null) throw new ApiError(0, 'Unavailable', 'The answer of getToken has no url.')
      return url
    },
    publicChats: async (after) => readChatPage(await call('GET', `chats${behind(after)}`)),
    myChats: () => everyPage('me/chats', readOwnChatPage),
    users: () => everyPage('users', readUserPage),
    blocked: () => everyPage('me/blocked', readBlockedPage),
    members: (chatId) => everyPage(`chats/${encodeURIComponent(chatId)}/members`, readMemberPage),
    async messages(chatId, { before, after, limit = pageMessages }) {
      const query = new URLSearchParams({ limit: String(limit) })
      if (before !== undefined) query.set('before', before)
      if (after !== undefined) query.set('after', after)
      return readMessagePage(
        await call('GET', `chats/${encodeURIComponent(chatId)}/messages?${query.toString()}`),
      )
    },
    async search({ words, chatId, after }) {
      const query = new URLSearchParams({ q: words })
      if (chatId !== undefined) query.set('chat', chatId)
      if (after !== undefined) query.set('after', after)
      return readSearchPage(await call('GET', `search?${query.toString()}`))
    },
    async exportChat(chatId) {
      const pages: string[] = []
      let path: string | null = `chats/${encodeURIComponent(chatId)}/export`
      while (path !== null && pages.length < maxPages) {
        const page: Response = await accepted('GET', path)
        pages.push(await page.text())
        path = nextPage(page.headers.get('link'))
      }
      return pages
    },
    serverNow: () => clock.now() + clockOffset,
  }
}

const behind = (cursor?: string): string =>
  cursor === undefined ? '' : `?after=${encodeURIComponent(cursor)}`

/** What follows `/api/` in a header `Link: </api/…>; rel="next"`. */
const nextPage = (link: string | null): string | null =>
  /<\/api\/([^>]+)>;\s*rel="next"/u.exec(link ?? '')?.[1] ?? null
