/**
 * Fetches the history of chats and brings what arrives live into it: the newest page when a chat is opened, older
 * ones on demand, and what was missed after the connection was gone.
 */
import { ApiError, type Api } from '../api'
import type { Clock } from '../clock'
import { applyChange, type MessageChange } from '../state/changes'
import { emptyConversation, messageIn, oldestStored, type Conversation } from '../state/conversation'
import { addArrived, addSystemLine, keepOnly, mergeHistory, notePlace, startAnew } from '../state/merging'
import { noteGone } from '../state/draft'
import { stoppedTyping } from '../state/typing'
import {
  countUnread,
  forgetUnread,
  isUnreadHere,
  readUpTo,
  recountHere,
  uncountDeleted,
  unreadOf,
} from '../state/unread'
import type { BackendEvent, PeerEvent } from '../wire/events'
import { maxPageMessages } from '../wire/limits'
import type { ClientState } from './state'
import { newId } from '../ids'
import { HistoryParts, noPart, reaches, type HistoryPart } from './historyParts'
import { Settling } from './settling'

/** How many pages back a message is looked for. */
const mostPagesToLookBack = 100
/** Messages that are loaded above the first unread one, of which some are shown. */
const contextOfUnread = 25

/** What became of looking for a message further up. */
export type LookedBack = 'here' | 'gone' | 'failed'

/** A part of a chat that is on its way, and what became of messages meanwhile. */
interface Fetch {
  chatId: string
  changes: MessageChange[]
}

export class Conversations {
  private readonly fetches = new Set<Fetch>()
  /** By chat, the load of its newest or older messages that is on its way. */
  private readonly loads = new Map<string, Promise<void>>()
  /** The chat that was opened last. */
  private opened: string | null = null
  private readonly settling: Settling
  private readonly parts: HistoryParts

  constructor(
    private readonly state: ClientState,
    private readonly api: Api,
    private readonly failed: (error: unknown) => void,
    clock: Clock,
  ) {
    this.parts = new HistoryParts(api)
    const opened = (): Conversation | undefined => this.state.conversations.get(this.opened ?? '')
    this.settling = new Settling(opened, () => this.readEnd(), clock)
  }

  /** The conversation of a chat, made when it is asked for first. */
  of(chatId: string): Conversation {
    const { conversations } = this.state
    if (!conversations.has(chatId)) conversations.set(chatId, emptyConversation())
    // Read back, so that the caller changes the reactive one.
    return conversations.get(chatId) as Conversation
  }

  async open(chatId: string): Promise<void> {
    this.opened = chatId
    const conversation = this.of(chatId)
    this.settling.look()
    if (conversation.loaded || conversation.fetching === 'newest') return
    await this.fetch(chatId, 'newest', () => this.loadNewest(chatId, conversation))
  }

  /** After a fetch failed: tries again what is missing. */
  async reload(chatId: string): Promise<void> {
    const conversation = this.of(chatId)
    conversation.fetching = 'nothing'
    await (conversation.loaded ? this.loadOlder(chatId) : this.open(chatId))
  }

  async loadOlder(chatId: string, limit?: number): Promise<void> {
    const conversation = this.of(chatId)
    const before = oldestStored(conversation)?.id
    if (!conversation.loaded || conversation.complete || conversation.fetching !== 'nothing') return
    await this.fetch(chatId, 'older', async () => {
      const older = this.parts.older(chatId, { before, limit })
      // A history that was begun anew meanwhile goes on from another message.
      const next = older.then((page) => (oldestStored(conversation)?.id === before ? page : noPart))
      const page = await this.merged(chatId, conversation, next)
      conversation.complete = !page.more
    })
  }

  /** Loads the chat and older messages until this one is here; `gone` when it is not in the history, or very far up. */
  async loadBackTo(chatId: string, id: string): Promise<LookedBack> {
    const conversation = this.of(chatId)
    void (conversation.fetching === 'failed' ? this.reload(chatId) : this.open(chatId))
    for (let round = 0; round < mostPagesToLookBack; round++) {
      await this.loads.get(chatId)
      if (messageIn(conversation, id)) return 'here'
      if (conversation.fetching === 'failed') return 'failed'
      if (conversation.complete || conversation.deleted.has(id)) return 'gone'
      void this.loadOlder(chatId, maxPageMessages)
    }
    return 'gone'
  }

  /** Loads the chat and older messages until its first unread one is here; false when that fails or is very far up. */
  async loadBackToUnread(chatId: string): Promise<boolean> {
    const conversation = this.of(chatId)
    const { unread, me } = this.state
    for (let round = 0; round < mostPagesToLookBack; round++) {
      await this.loads.get(chatId)
      if (conversation.fetching === 'failed') return false
      if (conversation.complete || isUnreadHere(unread, chatId, conversation, me.userId)) return true
      void this.loadOlder(chatId, maxPageMessages)
    }
    return false
  }

  /** A message of somebody, or of one's own from another tab; returns its id here. */
  receive(event: Extract<PeerEvent, { kind: 'message' }>): string {
    const { chatId, userId, message, replyTo, mentions, time } = event
    const about = { replyTo, mentions, place: time, liveOnly: event.id === null || undefined }
    const arrived = { id: event.id ?? newId(), text: message, authorId: userId, ...about }
    stoppedTyping(this.state.typing, chatId, userId)
    if (addArrived(this.of(chatId), arrived, this.api.serverNow()))
      this.noteUnread(chatId, arrived.id, userId)
    this.settling.look()
    return arrived.id
  }

  /** The history has told where one's own message stands. */
  place({ chatId, id, time }: Extract<BackendEvent, { kind: 'messageSaved' }>): void {
    notePlace(this.of(chatId), id, time)
    this.settling.look()
  }

  /** What became of a message, also of one that is just on its way here. */
  change(change: MessageChange): void {
    const conversation = this.of(change.chatId)
    const { unread, me } = this.state
    const isSure = !unread.unsure.has(change.chatId)
    if (change.kind === 'messageDeleted') {
      uncountDeleted(unread, change.chatId, conversation, change.id, me.userId)
      noteGone(this.state.drafts.get(change.chatId), change.id)
    }
    applyChange(conversation, change)
    if (isSure) this.countAgain(change.chatId, conversation)
    for (const { chatId, changes } of this.fetches) if (chatId === change.chatId) changes.push(change)
  }

  noteMembership(event: Extract<BackendEvent, { kind: 'memberJoined' | 'memberLeft' }>): void {
    const { chatId, userId, userName } = event
    const joined = event.kind === 'memberJoined'
    const what = joined ? 'joined' : event.removed ? 'removed' : 'left'
    const known = this.state.chats.all.get(chatId)?.members.has(userId) ?? false
    // Told twice to the one it concerns: to the group and to all their connections.
    if (known !== joined) addSystemLine(this.of(chatId), { what, userId, userName }, this.api.serverNow())
    if (!joined) stoppedTyping(this.state.typing, chatId, userId)
  }

  forget(chatId: string): void {
    this.state.conversations.delete(chatId)
    forgetUnread(this.state.unread, chatId)
  }

  /**
   * After the connection was gone: reads the chat that is open again, with whatever became of its messages, and the
   * others when they are opened.
   */
  async catchUp(): Promise<void> {
    for (const [chatId, conversation] of this.state.conversations) {
      if (chatId !== this.opened) startAnew(conversation)
    }
    await this.readOpenAgain()
  }

  async readOpenAgain(): Promise<void> {
    if (this.opened === null || !this.state.conversations.has(this.opened)) return
    const conversation = this.of(this.opened)
    if (!conversation.loaded) await this.reload(this.opened)
    else
      await this.readAgain(this.opened, conversation).catch((error: unknown) => this.failedUnlessGone(error))
  }

  private async readAgain(chatId: string, conversation: Conversation): Promise<void> {
    const oldest = oldestStored(conversation)?.time
    const read = await this.merged(chatId, conversation, this.parts.newest(chatId, oldest))
    // Older messages that the reader has loaded meanwhile go on from what was read.
    const joined = reaches(read, oldest) && !reaches(read, oldestStored(conversation)?.time)
    if (!joined) conversation.complete = !read.more
    keepOnly(conversation, read.messages, read.end?.askedAt ?? 0, joined)
    this.settling.wasRead()
  }

  /** Reads what the open chat has behind the message up to which its order is known. */
  private async readEnd(): Promise<void> {
    const chatId = this.opened
    if (chatId === null || this.state.connection.phase !== 'online') return
    const conversation = this.of(chatId)
    const { loaded, settledTo } = conversation
    if (!loaded || settledTo === undefined) return this.readOpenAgain()
    try {
      await this.merged(chatId, conversation, this.parts.behind(chatId, settledTo))
    } catch (error) {
      // That message may be gone for so long that nothing knows its place. After any other fault another look follows.
      if (error instanceof ApiError && error.code === 'MessageNotFound') await this.readOpenAgain()
    }
  }

  /** With all that is unread at once, if a page holds it: reading begins at the first of them. */
  private async loadNewest(chatId: string, conversation: Conversation): Promise<void> {
    const unread = unreadOf(this.state.unread, chatId)
    const limit = unread > 0 ? Math.min(unread + contextOfUnread, maxPageMessages) : undefined
    const page = await this.merged(chatId, conversation, this.parts.newest(chatId, undefined, limit))
    conversation.loaded = true
    conversation.complete = !page.more
    this.settling.wasRead()
  }

  /** Merges a part of the history that is on its way; what becomes of its messages meanwhile is applied upon it. */
  private async merged(
    chatId: string,
    conversation: Conversation,
    reading: Promise<HistoryPart>,
  ): Promise<HistoryPart> {
    const fetch: Fetch = { chatId, changes: [] }
    this.fetches.add(fetch)
    try {
      const part = await reading
      mergeHistory(conversation, part.messages, part.end)
      fetch.changes.forEach((change) => applyChange(conversation, change))
      this.countAgain(chatId, conversation)
      return part
    } finally {
      this.fetches.delete(fetch)
    }
  }

  private async fetch(chatId: string, what: 'newest' | 'older', run: () => Promise<unknown>): Promise<void> {
    const load = this.fetching(this.of(chatId), what, run)
    this.loads.set(chatId, load)
    await load
    if (this.loads.get(chatId) === load) this.loads.delete(chatId)
  }

  private async fetching(
    conversation: Conversation,
    what: 'newest' | 'older',
    run: () => Promise<unknown>,
  ): Promise<void> {
    conversation.fetching = what
    try {
      await run()
      conversation.fetching = 'nothing'
    } catch (error) {
      conversation.fetching = 'failed'
      this.failedUnlessGone(error)
    }
  }

  /** That one is not in a chat any more is for the page to tell, from the directory. */
  private failedUnlessGone(error: unknown): void {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return
    this.failed(error)
  }

  private noteUnread(chatId: string, id: string, authorId: string): void {
    const { unread, me, seeing, chats } = this.state
    if (authorId === me.userId || seeing === chatId) return
    countUnread(unread, chatId, this.api.serverNow())
    // It may come late from a chat that was left.
    if (chats.all.get(chatId)?.members.has(me.userId) !== true) unread.unsure.add(chatId)
    // Another device may have read it before it came here.
    if (unread.lastRead.get(chatId) === id) readUpTo(unread, chatId, id, this.of(chatId), me.userId)
  }

  /** What is unread is counted here where all of it is here; a chat before the eyes has nothing unread. */
  private countAgain(chatId: string, conversation: Conversation): void {
    const { unread, me, seeing } = this.state
    if (seeing === chatId || unreadOf(unread, chatId) === 0 || unread.unsure.has(chatId)) return
    recountHere(unread, chatId, conversation, me.userId)
  }
}
