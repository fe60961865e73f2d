/**
 * Loads chats and people and keeps them current. Events that arrive during a load are applied once more upon what
 * was loaded, so that none is lost to a list that was read before them.
 */
import type { Api } from '../api'
import type { Clock } from '../clock'
import { applyToChats, replaceChats } from '../state/chats'
import { applyToPeople, dropGone, lingersMs, replacePeople } from '../state/people'
import { forgetUnread, readUpTo, takeUnread } from '../state/unread'
import type { BackendEvent } from '../wire/events'
import type { Chat, Me } from '../wire/model'
import { BlockedPeople } from './blockedPeople'
import { MemberLists } from './memberLists'
import { PublicChats } from './publicChats'
import type { ClientState } from './state'

const tryAgainAfterMs = 3_000
/** Changes of what is unread come in crowds; one count answers for all of them. */
const recountAfterMs = 2_000
/** All members hear of the same change; not all of them ask at the same time. */
const recountSpreadMs = 4_000
/** A count that leaves something unsure is asked for again, after twice as long up to this, and not for ever. */
const recountWithinMs = 16_000
const mostRecounts = 12

/** Membership in a list of one's own chats is certain, even where only some members are listed. */
function withMe(chat: Chat, me: Me): Chat {
  if (!chat.members.has(me.userId)) chat.members.set(me.userId, me)
  return chat
}

export class Directory {
  private duringLoad: BackendEvent[] | null = null
  private again = false
  private recounting = false
  private closed = false
  /** Resolves when what is being loaded is here. */
  private loaded = Promise.resolve()
  readonly members: MemberLists
  readonly publicChats: PublicChats
  readonly blocked: BlockedPeople

  constructor(
    private readonly state: ClientState,
    private readonly api: Api,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
    private readonly random: () => number,
  ) {
    this.members = new MemberLists(state.chats, (chatId) => api.members(chatId), clock)
    this.blocked = new BlockedPeople(state, () => api.blocked())
    this.publicChats = new PublicChats(
      state,
      api,
      (load) => this.loadingNext(load),
      () => new Promise((resolve) => clock.after(tryAgainAfterMs, () => resolve(!this.closed))),
    )
  }

  close(): void {
    this.closed = true
  }

  apply(event: BackendEvent): void {
    this.duringLoad?.push(event)
    applyToChats(this.state.chats, event, this.state.me.userId)
    this.members.apply(event)
    this.applyToPeople(event)
    if (event.kind === 'chatRead') this.noteRead(event.chatId, event.id)
    const isGone =
      event.kind === 'chatDeleted' || (event.kind === 'memberLeft' && event.userId === this.state.me.userId)
    if (isGone) forgetUnread(this.state.unread, event.chatId)
  }

  private applyToPeople(event: BackendEvent): void {
    const { clock, state } = this
    const now = clock.now()
    applyToPeople(state.people, event, now)
    if (event.kind === 'userOffline') {
      clock.after(lingersMs, () => dropGone(state.people, event.userId, now))
    }
  }

  /** Another tab or device has read on. */
  private noteRead(chatId: string, messageId: string): void {
    const { unread, conversations, me } = this.state
    readUpTo(unread, chatId, messageId, conversations.get(chatId), me.userId)
  }

  /** Loads all lists; a call during a load makes another load follow it. */
  async load(): Promise<void> {
    if (this.state.directoryLoaded) this.blocked.renew()
    if (this.duringLoad) {
      this.again = true
      return
    }
    await this.loading(
      () => this.loadLists(),
      (error) => {
        this.failed(error)
        this.clock.after(tryAgainAfterMs, () => void (this.closed || this.load()))
      },
    )
  }

  /** Reads once more who is online: somebody whose end nobody was told of is only found by reading. */
  async lookAround(): Promise<void> {
    if (this.duringLoad || this.closed) return
    const { api, state } = this
    await this.loading(
      async () => replacePeople(state.people, await api.users()),
      // The next look mends it.
      () => undefined,
    )
  }

  /** Has the backend count once more what is unread. */
  async recount(): Promise<void> {
    if (this.duringLoad || this.closed) return
    const { api, state } = this
    const askedAt = api.serverNow()
    await this.loading(
      async () => takeUnread(state.unread, await api.myChats(), askedAt, state.seeing),
      // What arrives is counted here, too.
      () => undefined,
    )
  }

  /** Has the backend count, soon and once for all, where the page cannot know what is unread. */
  recountUnsure(tries = 0): void {
    const { unsure } = this.state.unread
    if (this.recounting || unsure.size === 0 || this.closed) return
    if (tries === mostRecounts) {
      unsure.clear()
      return
    }
    this.recounting = true
    const spread = this.random() * recountSpreadMs
    this.clock.after(Math.min(recountAfterMs * 2 ** tries, recountWithinMs) + spread, () => {
      void this.recount().then(() => {
        this.recounting = false
        this.recountUnsure(tries + 1)
      })
    })
  }

  /** Like `loading`, once what is being loaded is here; false when it failed. */
  private async loadingNext(load: () => Promise<void>): Promise<boolean> {
    while (this.duringLoad) await this.loaded
    if (this.closed) return false
    let done = true
    await this.loading(load, (error) => {
      done = false
      this.failed(error)
    })
    return done
  }

  private loading(lists: () => Promise<void>, failed: (error: unknown) => void): Promise<void> {
    this.loaded = this.loadNow(lists, failed)
    return this.loaded
  }

  private async loadNow(lists: () => Promise<void>, failed: (error: unknown) => void): Promise<void> {
    this.duringLoad = []
    try {
      await lists()
    } catch (error) {
      failed(error)
    } finally {
      this.applyAgain()
    }
    if (this.again && !this.closed) {
      this.again = false
      await this.load()
    }
    this.recountUnsure()
  }

  private async loadLists(): Promise<void> {
    const { api, state } = this
    const askedAt = api.serverNow()
    const [open, mine, users] = await Promise.all([api.publicChats(), api.myChats(), api.users()])
    const own = mine.map(({ chat }) => withMe(chat, state.me))
    replaceChats(state.chats, [...open.items, ...own], open.next, state.me.userId)
    takeUnread(state.unread, mine, askedAt, state.seeing)
    replacePeople(state.people, users)
    state.directoryLoaded = true
  }

  private applyAgain(): void {
    const events = this.duringLoad ?? []
    this.duringLoad = null
    events.forEach((event) => this.apply(event))
  }
}
