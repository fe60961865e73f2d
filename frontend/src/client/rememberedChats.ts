/**
 * One's own chats as they were when they were loaded last, kept in the browser for the user whose they are: whoever
 * comes back can read the list and write before anything has been asked for. Bounded, and never believed for long.
 */
import { cachePrefix, type BrowserStorage } from '../browser/browserStorage'
import { fieldsOf, valueInJson } from '../wire/json'
import { readChat, type Chat } from '../wire/model'

const storageKey = `${cachePrefix}chats`
/** Where pages kept them until 2026. */
const oldKey = 'chatr.chats'
const mostKept = 100
/** Of a chat with many more, the names of some will do. */
const mostMembersKept = 30

export class RememberedChats {
  private forgotten = false

  constructor(
    private readonly userId: string,
    private readonly storage: BrowserStorage,
  ) {
    storage.remove(oldKey)
  }

  read(): Chat[] {
    const fields = fieldsOf(valueInJson(this.storage.read(storageKey) ?? ''))
    if (fields?.userId !== this.userId || !Array.isArray(fields.chats)) return []
    const chats = fields.chats.map(readChat).filter((chat) => chat !== null)
    return chats
      .filter(({ members }) => members.has(this.userId))
      .map((chat) => ({ ...chat, partial: chat.members.size >= mostMembersKept }))
  }

  /** @param opened are the chats that were looked into, and so those that one comes back to. */
  keep(chats: Iterable<Chat>, opened: ReadonlyMap<string, unknown>): void {
    if (this.forgotten) return
    const mine = [...chats].filter(({ members }) => members.has(this.userId))
    const openedFirst = mine.sort((a, b) => Number(opened.has(b.id)) - Number(opened.has(a.id)))
    const kept = openedFirst.slice(0, mostKept).map((chat) => ({ ...chat, members: this.someOf(chat) }))
    this.storage.cache(storageKey, JSON.stringify({ userId: this.userId, chats: kept }))
  }

  /** Nothing stays in this browser of whoever signs out. */
  forget(): void {
    this.forgotten = true
    this.storage.remove(storageKey)
  }

  private someOf({ members }: Chat): Record<string, { userId: string; userName: string }> {
    const others = [...members.values()].filter(({ userId }) => userId !== this.userId)
    const me = members.get(this.userId)
    const some = [...(me ? [me] : []), ...others].slice(0, mostMembersKept)
    return Object.fromEntries(some.map(({ userId, userName }) => [userId, { userId, userName }]))
  }
}
