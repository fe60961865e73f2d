/**
 * The chats we know of and who is in them: plain functions over a plain state. Applying an event twice, or one the
 * state already contains, changes nothing, so events that arrive during a load may be replayed upon it.
 */
import { compareNames } from '../folding'
import type { BackendEvent } from '../wire/events'
import type { Page } from '../wire/http'
import type { Chat } from '../wire/model'

export interface ChatsState {
  all: Map<string, Chat>
  /** Public chats are loaded in the order of their ids, up to this one; null when all are here. */
  upTo: string | null
}

export const emptyChats = (): ChatsState => ({ all: new Map(), upTo: null })

/**
 * Takes over freshly loaded lists; what they do not contain is gone, but for the public chats behind `upTo`: these are
 * known from before and were not asked for again. One's own chats are listed in any case.
 */
export function replaceChats(
  state: ChatsState,
  listed: readonly Chat[],
  upTo: string | null = null,
  myId = '',
): void {
  const before = state.all
  state.all = new Map(listed.map((chat) => [chat.id, withKnown(chat, before.get(chat.id))]))
  state.upTo = upTo
  for (const chat of before.values()) {
    if (upTo === null || chat.kind !== 'public' || chat.id <= upTo || state.all.has(chat.id)) continue
    chat.members.delete(myId)
    state.all.set(chat.id, chat)
  }
}

/** Takes over what follows in the list of public chats; of one's own the other list has told. */
export function addPublicChats(state: ChatsState, { items, next }: Page<Chat>, myId: string): void {
  const found = new Set(items.map(({ id }) => id))
  const passed = (id: string): boolean => id > (state.upTo ?? '') && (next === null || id <= next)
  for (const [id, { kind }] of state.all) {
    if (kind === 'public' && passed(id) && !found.has(id)) state.all.delete(id)
  }
  for (const chat of items) addPublicChat(state, chat, myId)
  state.upTo = next
}

export function addPublicChat(state: ChatsState, chat: Chat, myId: string): void {
  const before = state.all.get(chat.id)
  if (before === undefined || !isMember(before, myId)) state.all.set(chat.id, withKnown(chat, before))
}

/** Of those whom a list leaves out, who is known stays so; whether they are still in it, the chat's own list says. */
function withKnown(chat: Chat, before: Chat | undefined): Chat {
  if (chat.partial && before) chat.members = new Map([...before.members, ...chat.members])
  return chat
}

/** Applies what the event says about chats and members; other events are none of this module's business. */
export function applyToChats(state: ChatsState, event: BackendEvent, myId: string): void {
  switch (event.kind) {
    case 'chatCreated':
      if (!state.all.has(event.chat.id)) state.all.set(event.chat.id, event.chat)
      return
    case 'chatJoined':
      // Who came and went before we joined was told to members only.
      state.all.set(event.chat.id, withKnown(event.chat, state.all.get(event.chat.id)))
      return
    case 'chatDeleted':
      state.all.delete(event.chatId)
      return
    case 'joinPrivateChat': {
      const { chatId, name, members } = event
      state.all.set(chatId, { id: chatId, name, owner: '', kind: 'private', members, moderated: false })
      return
    }
    case 'memberJoined':
      state.all.get(event.chatId)?.members.set(event.userId, event)
      return
    case 'memberLeft':
      removeMember(state, event.chatId, event.userId, myId)
      return
    default:
      return
  }
}

/** A group or private chat one has left is no longer anything one can see. */
export function removeMember(state: ChatsState, chatId: string, userId: string, myId: string): void {
  const chat = state.all.get(chatId)
  chat?.members.delete(userId)
  if (chat && chat.kind !== 'public' && userId === myId) state.all.delete(chatId)
}

export const isMember = (chat: Chat, userId: string): boolean => chat.members.has(userId)

export interface ChatSections {
  mine: Chat[]
  open: Chat[]
  private: Chat[]
}

/** The lists of the lobby: public chats and groups of mine, public chats to join, private chats; each by name. */
export function chatSections(state: ChatsState, myId: string): ChatSections {
  const chats = [...state.all.values()].sort(
    (a, b) => compareNames(a.name, b.name) || compareNames(a.id, b.id),
  )
  return {
    mine: chats.filter((chat) => chat.kind !== 'private' && isMember(chat, myId)),
    open: chats.filter((chat) => chat.kind === 'public' && !isMember(chat, myId)),
    private: chats.filter((chat) => chat.kind === 'private'),
  }
}

/** The other one of a private chat, as far as they are still in it. */
export function otherOf(chat: Chat, myId: string): string | null {
  if (chat.kind !== 'private') return null
  return [...chat.members.keys()].find((userId) => userId !== myId) ?? null
}

/** What the chat is called for this reader: a private one by the other's name. */
export function titleOf(chat: Chat, myId: string): string {
  return chat.members.get(otherOf(chat, myId) ?? '')?.userName ?? chat.name
}

/** The private chat both of us are in, if we have one. */
export function privateChatWith(state: ChatsState, userId: string, myId: string): Chat | null {
  return [...state.all.values()].find((chat) => otherOf(chat, myId) === userId) ?? null
}
