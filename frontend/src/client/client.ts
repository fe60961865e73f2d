/**
 * The signed-in page without its markup: puts connection, API and state together. Made when somebody is signed in and
 * closed when they are not any more. Everything it talks to is passed in.
 */
import { ApiError, type Api } from '../api'
import type { BrowserStorage } from '../browser/browserStorage'
import { every, type Clock } from '../clock'
import { createConnection, type Connection } from '../connection/connection'
import { PendingRequests, RefusedError } from '../connection/requests'
import { SendError, type OpenSocket, type Socket } from '../connection/socket'
import { replaceChats } from '../state/chats'
import { messageIn, newestSaved, type ChatMessage } from '../state/conversation'
import type { News } from '../state/attention'
import { notify } from '../state/notices'
import { shouldTellTyping, typingIsOver } from '../state/typing'
import { clearUnread, readOn } from '../state/unread'
import { texts } from '../texts'
import type { Chat, Me, Member } from '../wire/model'
import { createActions, type Actions, type Request } from './actions'
import { Conversations } from './conversations'
import { Directory } from './directory'
import { Drafts } from './drafts'
import { Edits } from './edits'
import { receive } from './incoming'
import { Naming } from './naming'
import { createOwnMessages } from './ownMessages'
import type { Sending, Reference } from './outbox'
import { MessageSearch } from './messageSearch'
import { OwnPresence } from './ownPresence'
import type { PublicChats } from './publicChats'
import { ReadMarks } from './readMarks'
import { RememberedChats } from './rememberedChats'
import { createState, type ClientState } from './state'

export interface Surroundings {
  me: Me
  api: Api
  openSocket: OpenSocket
  clock: Clock
  /** At least 0 and less than 1. */
  random: () => number
  /** Where drafts, unsent messages and the list of chats are kept. */
  storage: BrowserStorage
  /** The page should show this chat now. */
  showChat: (chatId: string) => void
  /** A message has come that the user does not see. */
  announce: (news: News) => void
  /** The sign-in is gone, or is somebody else's. */
  signedOut: () => void
}

export interface Client {
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
  /** The newest messages of this chat are before the user's eyes, also those that just came, or are not any more. */
  see(chatId: string, inSight: boolean): void
  /** All of this chat up to a message has been before the user's eyes, while its end was not. */
  readTo(chatId: string, messageId: string): void
  setIdle(idle: boolean): void
  /** How much was written and not sent. */
  unsent(): { messages: number; drafts: number }
  /** The user signs out: nothing of theirs stays in this browser. */
  forget(): void
  /** Runs an action and tells the user when it fails; null then. */
  attempt<T>(action: () => Promise<T>): Promise<T | null>
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
  /** Why an action failed, in words for the user; null when the sign-in is gone, which is seen to. */
  explained(error: unknown): string | null
}

/** What was said just before we came may have been stored just after we asked. */
const lookAgainAfterMs = 3_000
/** Together with what the backend does, nobody who looks on sees a ghost for three minutes: docs/storage.md. */
const lookAroundEveryMs = 60_000

export function createClient(surroundings: Surroundings): Client {
  const { me, openSocket, clock, random, storage, showChat, announce, signedOut } = surroundings
  const state = createState(me)
  const drafts = new Drafts(state.drafts, me.userId, storage, clock)
  const remembered = new RememberedChats(me.userId, storage)
  replaceChats(state.chats, remembered.read())
  const naming = new Naming(state, (chatId) => directory.members.want(chatId))
  const api = naming.hearing(surroundings.api)
  naming.learnOf(state.chats.all.values())
  const pending = new PendingRequests()

  const directory = new Directory(state, api, clock, (error) => failed(error), random)
  const conversations = new Conversations(state, api, (error) => failed(error), clock)
  const request: Request = (event, data, id) =>
    pending.run(event, id, () => socketNow().sendEvent(event, data))
  const actions = createActions(state, directory, conversations, request, clock)
  const parts = { state, naming, directory, conversations, actions, pending, clock, showChat, announce }
  const connection = createConnection(
    state.connection,
    openSocket,
    {
      connected: (lostAt, userId) => (userId === me.userId ? void greeted(lostAt) : replaced()),
      recovered() {
        own.lineOpened()
        void Promise.all([presence.tell(), directory.load()]).then(caughtUp)
      },
      received: (envelope) => receive(parts, envelope),
      failedForGood: (error) => error instanceof ApiError && error.signedOut && (signedOut(), true),
      tooMany: (error) => error instanceof ApiError && error.code === 'TooManyConnections',
    },
    clock,
  )
  const sending: Sending = {
    save: (data) => request('saveMessage', data, data.id),
    edit: (data) => request('editMessage', data, data.id),
    sendToGroup: async (chatId, data) => socketNow().sendToGroup(chatId, data, true),
  }
  const isModerated = (chatId: string): boolean => state.chats.all.get(chatId)?.moderated === true
  const readMarks = new ReadMarks(
    state.unread,
    (chatId, id) => request('markRead', { chatId, id }, id),
    clock,
  )
  const search = new MessageSearch(
    state.search,
    (query) => api.search(query),
    (error) => void explained(error),
  )
  const presence = new OwnPresence(
    {
      hello: () => request('userConnected', { userName: me.userName, userProvider: me.userProvider }),
      idle: (idle) => request(idle ? 'userEnterIdle' : 'userExitIdle', me.userId),
      socket: () => (state.connection.phase === 'online' ? connection.socket() : null),
    },
    clock,
  )
  const serverNow = (): number => api.serverNow()
  const own = createOwnMessages(state, conversations, sending, storage, clock, serverNow)
  const { outbox, unsent } = own
  const edits = new Edits(drafts, conversations, outbox, actions)

  function socketNow(): Socket {
    const socket = connection.socket()
    if (socket === null) throw new SendError(false, 'There is no connection.')
    return socket
  }

  /** Somebody else has signed in, in another tab: what is written here must not go out under their name. */
  function replaced(): void {
    connection.stop()
    signedOut()
  }

  async function greeted(lostAt: number | null): Promise<void> {
    const socket = connection.socket()
    own.lineOpened()
    own.resume()
    clock.after(lookAgainAfterMs, () => void (connection.socket() === socket && lookAgain()))
    await Promise.all([presence.tell(), directory.load()])
    if (lostAt !== null) await caughtUp()
  }

  async function caughtUp(): Promise<void> {
    await conversations.catchUp()
    if (state.seeing !== null) noteSeen(state.seeing)
  }

  async function lookAgain(): Promise<void> {
    await directory.recount()
    await conversations.readOpenAgain()
  }

  function noteSeen(chatId: string): void {
    const newest = newestSaved(conversations.of(chatId))
    if (newest) readMarks.seen(chatId, newest)
  }

  function failed(error: unknown, words: string = texts.notices.loadFailed): void {
    if (error instanceof ApiError && error.signedOut) signedOut()
    else if (error instanceof RefusedError || error instanceof SendError) {
      notify(state.notices, wordsFor(error), 'problem')
    }
    // While the connection is gone, the banner says so; every failing call need not.
    else if (state.connection.phase === 'online') {
      notify(state.notices, words, 'problem', error instanceof ApiError ? error.requestId : '')
    }
  }

  function explained(error: unknown): string | null {
    if (error instanceof ApiError && error.signedOut) {
      signedOut()
      return null
    }
    return wordsFor(error)
  }

  function flush(): void {
    drafts.flush()
    unsent.keep(state.conversations)
    readMarks.flush()
    if (state.directoryLoaded) remembered.keep(state.chats.all.values(), state.conversations)
  }

  function lookAround(): void {
    if (!presence.isIdle && state.connection.phase === 'online') void directory.lookAround()
  }
  let stopLooking = (): void => undefined

  return {
    state,
    actions,
    conversations,
    connection,
    exportChat: (chatId) => api.exportChat(chatId),
    membersOf(chat) {
      if (chat.partial) directory.members.want(chat.id)
      return chat.members.values()
    },
    naming,
    completeMembers: (chatId) => directory.members.complete(chatId),
    search,
    blockedPeople: directory.blocked,
    publicChats: directory.publicChats,
    explained,
    drafts,
    edits,
    start() {
      connection.start()
      own.resume()
      stopLooking = every(clock, lookAroundEveryMs, lookAround)
    },
    flush,
    unsent: () => ({ messages: unsent.count(state.conversations), drafts: drafts.count() }),
    forget() {
      drafts.forget()
      unsent.forget()
      remembered.forget()
    },
    close() {
      flush()
      drafts.close()
      remembered.forget()
      stopLooking()
      directory.close()
      connection.stop()
    },
    send(chatId, text, about = {}) {
      typingIsOver(state.typing, chatId)
      void outbox.send(chatId, text, about)
    },
    edit(chatId, message) {
      const members = state.chats.all.get(chatId)?.members
      const known = (message.mentions ?? []).map((userId) => members?.get(userId))
      edits.begin(
        chatId,
        message,
        known.filter((member) => member !== undefined),
      )
    },
    retry: (chatId, messageId) => void outbox.retry(chatId, messageId),
    discard(chatId, messageId) {
      outbox.discard(chatId, messageId)
      unsent.drop(messageId)
    },
    typing(chatId) {
      const socket = connection.socket()
      if (socket === null || state.connection.phase !== 'online' || isModerated(chatId)) return
      if (!shouldTellTyping(state.typing, chatId, clock.now())) return
      // A lost hint is no loss.
      socket.sendToGroup(chatId, { typing: true }, false).catch(() => undefined)
    },
    see(chatId, inSight) {
      if (inSight) {
        state.seeing = chatId
        clearUnread(state.unread, chatId, api.serverNow(), newestSaved(conversations.of(chatId)))
        noteSeen(chatId)
      } else if (state.seeing === chatId) {
        // Only then: the page of the next chat comes before that of the last one goes.
        state.seeing = null
      }
    },
    readTo(chatId, messageId) {
      const conversation = conversations.of(chatId)
      const message = messageIn(conversation, messageId)
      if (message === undefined) return
      if (readOn(state.unread, chatId, message, conversation, me.userId, api.serverNow()))
        readMarks.seen(chatId, message)
    },
    setIdle(idle) {
      presence.setIdle(idle)
      lookAround()
    },
    async attempt(action) {
      try {
        return await action()
      } catch (error) {
        failed(error, texts.notices.unexpected)
        return null
      }
    },
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof RefusedError) return texts.refused(error.code)
  if (error instanceof SendError && !error.refused) return texts.notices.notConnected
  return texts.notices.unexpected
}
