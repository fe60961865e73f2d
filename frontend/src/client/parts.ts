/** Makes the parts of a signed-in page and joins them. What each of them does, it says itself. */
import { ApiError, type Api } from '../api'
import type { BrowserStorage } from '../browser/browserStorage'
import type { Clock } from '../clock'
import { createConnection, type Connection } from '../connection/connection'
import { PendingRequests } from '../connection/requests'
import { SendError, type OpenSocket, type Socket } from '../connection/socket'
import type { News } from '../state/attention'
import { replaceChats } from '../state/chats'
import type { Me } from '../wire/model'
import { createActions, type Request } from './actions'
import { createArrival } from './arrival'
import { Conversations } from './conversations'
import { Directory } from './directory'
import { Drafts } from './drafts'
import { Edits } from './edits'
import { createFailures, isSignedOut } from './failures'
import { receive } from './incoming'
import { keptOf } from './kept'
import { MessageSearch } from './messageSearch'
import { Naming } from './naming'
import type { Sending } from './outbox'
import { createOwnMessages } from './ownMessages'
import { OwnPresence } from './ownPresence'
import { RememberedChats } from './rememberedChats'
import { createSeeing } from './seeing'
import { createState } from './state'

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

export type Parts = ReturnType<typeof createParts>

export function createParts(surroundings: Surroundings) {
  const { me, openSocket, clock, random, storage, showChat, announce, signedOut } = surroundings
  const state = createState(me)
  const remembered = new RememberedChats(me.userId, storage)
  replaceChats(state.chats, remembered.read())
  const naming = new Naming(state, (chatId) => directory.members.want(chatId))
  naming.learnOf(state.chats.all.values())
  const api = naming.hearing(surroundings.api)
  const serverNow = (): number => api.serverNow()

  const failures = createFailures(state, signedOut)
  const failed = (error: unknown): void => failures.tell(error)
  const directory = new Directory(state, api, clock, failed, random)
  const conversations = new Conversations(state, api, failed, clock)
  const search = new MessageSearch(
    state.search,
    (query) => api.search(query),
    (error) => void failures.explained(error),
  )

  const pending = new PendingRequests()
  const request: Request = (event, data, id) =>
    pending.run(event, id, () => socketNow().sendEvent(event, data))
  const sending: Sending = {
    save: (data) => request('saveMessage', data, data.id),
    edit: (data) => request('editMessage', data, data.id),
    sendToGroup: async (chatId, data) => socketNow().sendToGroup(chatId, data, true),
  }
  const actions = createActions(state, directory, conversations, request, clock)
  const presence = new OwnPresence(
    {
      hello: () => request('userConnected', { userName: me.userName, userProvider: me.userProvider }),
      idle: (idle) => request(idle ? 'userEnterIdle' : 'userExitIdle', me.userId),
      socket: () => (state.connection.phase === 'online' ? connection.socket() : null),
    },
    clock,
  )
  const own = createOwnMessages(state, conversations, sending, storage, clock, serverNow)
  const drafts = new Drafts(state.drafts, me.userId, storage, clock)
  const edits = new Edits(drafts, conversations, own.outbox, actions)
  const kept = keptOf(state, drafts, own.unsent, remembered)
  const seeing = createSeeing(state, conversations, request, clock, serverNow)

  const socket = (): Socket | null => connection.socket()
  const arrival = createArrival({ directory, conversations, presence, own, seeing, clock, socket })
  const incoming = { state, naming, directory, conversations, actions, pending, clock, showChat, announce }
  const connection: Connection = createConnection(
    state.connection,
    openSocket,
    {
      connected: (lostAt, userId) => (userId === me.userId ? void arrival.connected(lostAt) : replaced()),
      recovered: () => void arrival.recovered(),
      received: (envelope) => receive(incoming, envelope),
      failedForGood: (error) => isSignedOut(error) && (signedOut(), true),
      tooMany: (error) => error instanceof ApiError && error.code === 'TooManyConnections',
    },
    clock,
  )

  function socketNow(): Socket {
    const present = socket()
    if (present === null) throw new SendError(false, 'There is no connection.')
    return present
  }

  /** Somebody else has signed in, in another tab: what is written here must not go out under their name. */
  function replaced(): void {
    connection.stop()
    signedOut()
  }

  return {
    state,
    api,
    naming,
    directory,
    conversations,
    actions,
    search,
    connection,
    failures,
    presence,
    own,
    drafts,
    edits,
    kept,
    seeing,
  }
}
