/** What happens on each event that arrives: which part of the state it concerns and what the user is told. */
import { cut } from '../characters'
import type { Clock } from '../clock'
import type { PendingRequests } from '../connection/requests'
import { isMember } from '../state/chats'
import { messageIn } from '../state/conversation'
import { membersAmong } from '../state/mentions'
import { notify, notifyOfChat, type NoticesState } from '../state/notices'
import { isNewArrival } from '../state/people'
import type { News } from '../state/attention'
import { heardTyping } from '../state/typing'
import { countMention, unreadOf } from '../state/unread'
import { texts } from '../texts'
import { readEnvelope, type BackendEvent, type Envelope, type PeerEvent } from '../wire/events'
import type { Chat } from '../wire/model'
import type { Actions } from './actions'
import type { Conversations } from './conversations'
import type { Directory } from './directory'
import type { Naming } from './naming'
import type { ClientState } from './state'
import { unsentIn } from './unsentMessages'

/** Of what was not sent, a notice repeats so much. */
const longestRepeated = 300

export interface IncomingParts {
  state: ClientState
  naming: Naming
  directory: Directory
  conversations: Conversations
  actions: Actions
  pending: PendingRequests
  clock: Clock
  showChat: (chatId: string) => void
  announce: (news: News) => void
}

export function receive(parts: IncomingParts, envelope: Envelope): void {
  const event = readEnvelope(envelope)
  if (event === null) return
  const { state } = parts
  switch (event.kind) {
    case 'message':
      receiveMessage(parts, event)
      return
    case 'typing':
      if (event.userId !== state.me.userId)
        heardTyping(state.typing, event.chatId, event.userId, parts.clock.now())
      return
    case 'messageSaved':
      parts.conversations.place(event)
      return
    case 'messageEdited':
    case 'messageDeleted':
    case 'reaction':
      parts.conversations.change(event)
      parts.directory.recountUnsure()
      return
    case 'userBlocked':
    case 'userUnblocked':
      parts.directory.blocked.apply(event)
      return
    case 'error':
      if (!parts.pending.refuse(event.refusal)) {
        notify(state.notices, texts.refused(event.refusal.code), 'problem')
      }
      return
    default:
      parts.actions.heard(event)
      parts.naming.hear(event)
      if (state.directoryLoaded) tell(parts, event)
      if (event.kind === 'memberJoined' || event.kind === 'memberLeft') noteMembership(parts, event)
      parts.directory.apply(event)
      parts.directory.recountUnsure()
      afterwards(parts, event)
  }
}

/** What counts as unread is news. */
function receiveMessage(parts: IncomingParts, event: Extract<PeerEvent, { kind: 'message' }>): void {
  const { state, naming, conversations, directory, announce } = parts
  const { chatId, userId } = event
  const before = unreadOf(state.unread, chatId)
  const chat = state.chats.all.get(chatId)
  const mentions = event.mentions && membersAmong(event.mentions, chat, state.me.userId)
  const messageId = conversations.receive({ ...event, mentions })
  if (chat?.partial && mentions && mentions.length < new Set(event.mentions).size) {
    void mentionMore(parts, event)
  }
  directory.recountUnsure()
  if (unreadOf(state.unread, chatId) <= before || chat === undefined) return
  const mentioned = mentions?.includes(state.me.userId) === true
  if (mentioned) countMention(state.unread, chatId)
  // A client of the original Chatr gives its messages no ids.
  const id = event.id ?? `${userId} ${event.message}`
  const tellOf = (): void =>
    announce({ id, messageId, chat, author: naming.words(userId, chat), text: event.message, mentioned })
  if (chat.partial && naming.known(userId, chat) === undefined) {
    void directory.members.complete(chatId).then(tellOf, tellOf)
  } else tellOf()
}

/** Whom the chat does not list may be a member all the same, whom a message mentions before the history says so. */
async function mentionMore(
  { state, directory, conversations }: IncomingParts,
  { chatId, id, mentions = [] }: Extract<PeerEvent, { kind: 'message' }>,
): Promise<void> {
  const known = await directory.members.complete(chatId).then(
    () => true,
    () => false,
  )
  const message = messageIn(conversations.of(chatId), id ?? '')
  if (!known || message === undefined || message.stored) return
  message.mentions = membersAmong(mentions, state.chats.all.get(chatId), state.me.userId)
}

/** Notices of what others did; ask before the event is applied. Kept few: who comes is news, who goes is not. */
function tell({ state, naming, clock }: IncomingParts, event: BackendEvent): void {
  const myId = state.me.userId
  if (event.kind === 'userOnline') {
    const { userId } = event.user
    const news = userId !== myId && isNewArrival(state.people, userId, clock.now())
    if (news) notify(state.notices, texts.notices.online(naming.wordsOf(event.user)))
  } else if (event.kind === 'chatCreated') {
    const { owner, name, id } = event.chat
    const by = naming.words(owner, event.chat)
    const news = owner !== myId && !state.chats.all.has(id)
    if (news) notifyOfChat(state.notices, texts.notices.chatCreated(name, by), id)
  } else if (event.kind === 'chatDeleted') {
    const chat = state.chats.all.get(event.chatId)
    const concerns = chat !== undefined && chat.owner !== myId && isMember(chat, myId)
    if (concerns) notify(state.notices, texts.notices.chatDeleted(chat.name))
  } else if (event.kind === 'memberLeft' && event.removed && event.userId === myId) {
    const chat = state.chats.all.get(event.chatId)
    if (chat && isMember(chat, myId)) notify(state.notices, texts.notices.removed(chat.name))
  } else if (event.kind === 'joinPrivateChat') {
    const other = [...event.members.values()].find(({ userId }) => userId !== myId)
    const news = !event.grabFocus && !state.chats.all.has(event.chatId)
    if (other && news)
      notifyOfChat(state.notices, texts.notices.privateChat(naming.wordsOf(other)), event.chatId)
  }
}

type MembershipEvent = Extract<BackendEvent, { kind: 'memberJoined' | 'memberLeft' }>

function noteMembership(parts: IncomingParts, event: MembershipEvent): void {
  const { state, conversations, directory } = parts
  const chat = state.chats.all.get(event.chatId)
  if (chat && event.userId !== state.me.userId) conversations.noteMembership(event)
  if (onlyListsTell(parts, event, chat)) void directory.load()
}

/** Who is in a chat we have not heard of, or have joined in another tab; and who owns one that its owner has left. */
function onlyListsTell({ state, pending }: IncomingParts, event: MembershipEvent, chat?: Chat): boolean {
  const { kind, chatId, userId } = event
  if (kind === 'memberLeft') return chat?.owner === userId
  if (chat === undefined) return true
  return userId === state.me.userId && !isMember(chat, userId) && !pending.waits('joinChat', chatId)
}

function afterwards(parts: IncomingParts, event: BackendEvent): void {
  const { state, actions, showChat } = parts
  if (event.kind === 'chatDeleted') forgetChat(parts, event.chatId)
  if (event.kind === 'memberLeft' && event.userId === state.me.userId) forgetChat(parts, event.chatId)
  if (event.kind === 'joinPrivateChat' && event.grabFocus && actions.askedFor(event.members.keys())) {
    showChat(event.chatId)
  }
}

/** What was written there and did not go out is not lost without a word. */
function forgetChat({ state, conversations }: IncomingParts, chatId: string): void {
  const unsent = unsentIn(state.conversations.get(chatId))
  if (unsent.length > 0) tellNowhere(state.notices, unsent.map(({ text }) => text).join(' … '))
  conversations.forget(chatId)
}

export const tellNowhere = (notices: NoticesState, text: string): void =>
  notify(notices, texts.notices.nowhere(cut(text, longestRepeated)), 'problem')
