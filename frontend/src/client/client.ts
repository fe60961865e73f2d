/**
 * The signed-in page without its markup: what the page shows and what its user can do. Made when somebody is signed in and
 * closed when they are not any more. Everything it talks to is passed in; parts.ts joins what it is made of.
 */
import { every, type Clock } from '../clock'
import type { Connection } from '../connection/connection'
import type { ChatMessage } from '../state/conversation'
import { shouldTellTyping, typingIsOver } from '../state/typing'
import type { Chat, Member } from '../wire/model'
import type { Actions } from './actions'
import type { Conversations } from './conversations'
import type { Directory } from './directory'
import type { Drafts } from './drafts'
import type { Edits } from './edits'
import type { Failures } from './failures'
import type { Kept } from './kept'
import type { MessageSearch } from './messageSearch'
import type { Naming } from './naming'
import type { Reference } from './outbox'
import { createParts, type Parts, type Surroundings } from './parts'
import type { PublicChats } from './publicChats'
import type { Seeing } from './seeing'
import type { ClientState } from './state'

export interface Client
  extends
    Pick<Seeing, 'see' | 'readTo'>,
    Pick<Kept, 'unsent' | 'forget'>,
    Pick<Failures, 'explained' | 'attempt'> {
  state: ClientState
  actions: Actions
  conversations: Conversations
  connection: Connection
  drafts: Drafts
  edits: Edits
  start(): void
  close(): void
  /** The page may end now: keeps and tells what would be lost with it. */
  flush(): void
  send(chatId: string, text: string, about?: Reference): void
  /** Lets one write other words for a message of one's own. */
  edit(chatId: string, message: ChatMessage): void
  retry(chatId: string, messageId: string): void
  discard(chatId: string, messageId: string): void
  /** The user is typing in a chat. */
  typing(chatId: string): void
  setIdle(idle: boolean): void
  /** The chat as JSON lines, in pieces that belong one after the other. */
  exportChat(chatId: string): Promise<string[]>
  /** The members of a chat, those who are known; the others follow. */
  membersOf(chat: Chat): Iterable<Member>
  naming: Naming
  /** Resolves when all members are known; rejects with ApiError. */
  completeMembers(chatId: string): Promise<void>
  blockedPeople: Directory['blocked']
  search: MessageSearch
  publicChats: PublicChats
}

/** Together with what the backend does, nobody who looks on sees a ghost for three minutes: docs/storage.md. */
const lookAroundEveryMs = 60_000

export function createClient(surroundings: Surroundings): Client {
  const parts = createParts(surroundings)
  const { clock } = surroundings
  const { state, api, naming, directory, conversations, actions, search, connection, failures } = parts
  const { presence, own, drafts, edits, kept, seeing } = parts

  function flush(): void {
    kept.flush()
    seeing.flush()
  }

  function lookAround(): void {
    if (!presence.isIdle && state.connection.phase === 'online') void directory.lookAround()
  }
  let stopLooking = (): void => undefined

  return {
    state,
    naming,
    conversations,
    actions,
    search,
    connection,
    drafts,
    edits,
    blockedPeople: directory.blocked,
    publicChats: directory.publicChats,
    unsent: () => kept.unsent(),
    forget: () => kept.forget(),
    see: (chatId, inSight) => seeing.see(chatId, inSight),
    readTo: (chatId, messageId) => seeing.readTo(chatId, messageId),
    explained: (error) => failures.explained(error),
    attempt: (action) => failures.attempt(action),
    start() {
      connection.start()
      own.resume()
      stopLooking = every(clock, lookAroundEveryMs, lookAround)
    },
    close() {
      flush()
      kept.close()
      stopLooking()
      directory.close()
      connection.stop()
    },
    flush,
    send(chatId, text, about = {}) {
      typingIsOver(state.typing, chatId)
      void own.outbox.send(chatId, text, about)
    },
    edit: (chatId, message) => edits.begin(chatId, message, mentionedIn(state, chatId, message)),
    retry: (chatId, messageId) => void own.outbox.retry(chatId, messageId),
    discard(chatId, messageId) {
      own.outbox.discard(chatId, messageId)
      own.unsent.drop(messageId)
    },
    typing: (chatId) => tellTyping(parts, clock, chatId),
    setIdle(idle) {
      presence.setIdle(idle)
      lookAround()
    },
    exportChat: (chatId) => api.exportChat(chatId),
    membersOf(chat) {
      if (chat.partial) directory.members.want(chat.id)
      return chat.members.values()
    },
    completeMembers: (chatId) => directory.members.complete(chatId),
  }
}

/** Those whom a message mentions, as far as they are known, in its order. */
function mentionedIn({ chats }: ClientState, chatId: string, { mentions = [] }: ChatMessage): Member[] {
  const members = chats.all.get(chatId)?.members
  return mentions.map((userId) => members?.get(userId)).filter((member) => member !== undefined)
}

/** Nobody sees who types in a moderated chat before there is a message. */
function tellTyping({ state, connection }: Parts, clock: Clock, chatId: string): void {
  const socket = connection.socket()
  const isModerated = state.chats.all.get(chatId)?.moderated === true
  if (socket === null || state.connection.phase !== 'online' || isModerated) return
  if (!shouldTellTyping(state.typing, chatId, clock.now())) return
  // A lost hint is no loss.
  socket.sendToGroup(chatId, { typing: true }, false).catch(() => undefined)
}
