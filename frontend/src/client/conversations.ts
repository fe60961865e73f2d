/**
 * Fetches the history of chats and brings what arrives live into it: the newest page when a chat is opened, older
 * ones on demand, and what was missed after the connection was gone.
 */
import { ApiError, type Api } from '../api'
import {
  addArrived,
  addSystemLine,
  catchUpAnchor,
  emptyConversation,
  mergeHistory,
} from '../state/conversation'
import { oldestStoredId, startAnew, type ChatMessage, type Conversation } from '../state/conversation'
import { isMember } from '../state/chats'
import { stoppedTyping } from '../state/typing'
import { countUnread } from '../state/unread'
import type { BackendEvent, PeerEvent } from '../wire/events'
import type { ClientState } from './state'
import { newId } from '../ids'

/** Of more chats than these one finds out what was missed when opening them. */
const mostToCatchUp = 30
/** Rounds of 50; whoever missed more starts anew at the newest page. */
const mostPagesToCatchUp = 10

function nullWhenAnchorIsGone(error: unknown): null {
  if (error instanceof ApiError && error.code === 'MessageNotFound') return null
  throw error
}

export class Conversations {
  constructor(
    private readonly state: ClientState,
    private readonly api: Api,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The conversation of a chat, made when it is asked for first. */
  of(chatId: string): Conversation {
    const { conversations } = this.state
    if (!conversations.has(chatId)) conversations.set(chatId, emptyConversation())
    // Read back, so that the caller changes the reactive one.
    return conversations.get(chatId) as Conversation
  }

  async open(chatId: string): Promise<void> {
    const conversation = this.of(chatId)
    if (conversation.loaded || conversation.fetching === 'newest') return
    await this.fetch(conversation, 'newest', () => this.loadNewest(chatId, conversation))
  }

  /** After a fetch failed: tries again what is missing. */
  async reload(chatId: string): Promise<void> {
    const conversation = this.of(chatId)
    conversation.fetching = 'nothing'
    await (conversation.loaded ? this.loadOlder(chatId) : this.open(chatId))
  }

  async loadOlder(chatId: string): Promise<void> {
    const conversation = this.of(chatId)
    const before = oldestStoredId(conversation)
    if (!conversation.loaded || conversation.complete || conversation.fetching !== 'nothing') return
    await this.fetch(conversation, 'older', async () => {
      const page = await this.api.messages(chatId, { before })
      mergeHistory(conversation, page.messages)
      conversation.complete = !page.more
    })
  }

  /** A message of somebody, or of one's own from another tab. */
  receive(event: Extract<PeerEvent, { kind: 'message' }>): void {
    const { chatId, userId, message, replyTo } = event
    const arrived = { id: event.id ?? newId(), text: message, authorId: userId, replyTo }
    stoppedTyping(this.state.typing, chatId, userId)
    if (addArrived(this.of(chatId), arrived, this.api.serverNow())) this.noteUnread(chatId, userId)
  }

  noteMembership(event: Extract<BackendEvent, { kind: 'memberJoined' | 'memberLeft' }>): void {
    const { chatId, userId, userName } = event
    const joined = event.kind === 'memberJoined'
    const what = joined ? 'joined' : event.removed ? 'removed' : 'left'
    const known = this.state.chats.all.get(chatId)?.members.has(userId) ?? false
    // Told twice to the one it concerns: to the group and to all their connections.
    if (known !== joined) addSystemLine(this.of(chatId), { what, userName }, this.api.serverNow())
    if (!joined) stoppedTyping(this.state.typing, chatId, userId)
  }

  forget(chatId: string): void {
    this.state.conversations.delete(chatId)
    this.state.unread.byChat.delete(chatId)
  }

  /** Fetches what was said since `lostAt` (ms) in the chats of mine and counts it as unread. */
  async catchUp(lostAt: number): Promise<void> {
    const mine = [...this.state.chats.all.values()].filter((chat) => isMember(chat, this.state.me.userId))
    for (const { id } of mine.slice(0, mostToCatchUp)) {
      await this.catchUpIn(id, lostAt).catch((error: unknown) => this.failedUnlessGone(error))
    }
  }

  private async catchUpIn(chatId: string, lostAt: number): Promise<void> {
    const conversation = this.of(chatId)
    const anchor = conversation.loaded ? catchUpAnchor(conversation, lostAt) : undefined
    const after = anchor === undefined ? null : await this.loadAfter(chatId, conversation, anchor)
    const missed = after ?? (await this.loadAnew(chatId, conversation))
    missed
      .filter((message) => message.time > lostAt)
      .forEach((message) => this.noteUnread(chatId, message.authorId))
  }

  /** Null when that much was missed, or the anchor deleted, that the newest page is a better start. */
  private async loadAfter(
    chatId: string,
    conversation: Conversation,
    anchor: string,
  ): Promise<ChatMessage[] | null> {
    const missed: ChatMessage[] = []
    let after = anchor
    for (let round = 0; round < mostPagesToCatchUp; round++) {
      const page = await this.api.messages(chatId, { after }).catch(nullWhenAnchorIsGone)
      if (page === null) return null
      missed.push(...mergeHistory(conversation, page.messages))
      after = page.messages.at(-1)?.id ?? after
      if (!page.more) return missed
    }
    return null
  }

  private async loadAnew(chatId: string, conversation: Conversation): Promise<ChatMessage[]> {
    startAnew(conversation)
    return this.loadNewest(chatId, conversation)
  }

  private async loadNewest(chatId: string, conversation: Conversation): Promise<ChatMessage[]> {
    const page = await this.api.messages(chatId, {})
    const missing = mergeHistory(conversation, page.messages)
    conversation.loaded = true
    conversation.complete = !page.more
    return missing
  }

  private async fetch(
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

  private noteUnread(chatId: string, authorId: string): void {
    if (authorId === this.state.me.userId || this.state.seeing === chatId) return
    countUnread(this.state.unread, chatId)
  }
}
