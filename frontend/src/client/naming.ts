/**
 * What people and chats are called, wherever a name stands: the one way to a name. With it goes what tells it from
 * others: that somebody is a guest, a mark where two look the same, the owner where two chats do.
 */
import type { Api } from '../api'
import { otherOf } from '../state/chats'
import { Names } from '../state/names'
import { confusablesOf } from '../state/skeleton'
import { texts } from '../texts'
import type { BackendEvent } from '../wire/events'
import type { Chat, Member } from '../wire/model'
import { isGuest } from './session'
import type { ClientState } from './state'

export interface Called {
  name: string
  /** Stands beside the name: that it is a guest's, and the mark; empty where the name alone will do. */
  note: string
  /** Tells it from others that look the same; empty where there are none. */
  mark: string
}

const loadTable = async (): ReturnType<ConstructorParameters<typeof Names>[1]> =>
  confusablesOf((await import('../state/confusables.json')).default)

export class Naming {
  private readonly people: Names
  private readonly chats: Names

  /** @param want has the members of a chat read, of which some are not known. */
  constructor(
    private readonly state: ClientState,
    private readonly want: (chatId: string) => void,
    load = loadTable,
  ) {
    this.people = new Names(state.names.people, load)
    this.chats = new Names(state.names.chats, load)
    for (const name of [texts.app, texts.someone, texts.you]) this.people.learn('', name)
  }

  /** A name that is here as it was told. */
  of({ userId, userName }: Member): Called {
    const mark = this.people.markOf(userId, userName)
    return { name: userName, note: joined(guestOf(userId), mark), mark }
  }

  /** Of somebody in this chat, or anywhere; what the history calls them is the last resort. */
  called(userId: string, chat?: Chat, inHistory = ''): Called {
    const userName = this.known(userId, chat) ?? inHistory
    return userName === '' ? { name: texts.someone, note: '', mark: '' } : this.of({ userId, userName })
  }

  /** The same for a sentence. */
  words(userId: string, chat?: Chat, inHistory = ''): string {
    const userName = this.known(userId, chat) ?? inHistory
    return userName === '' ? texts.someone : this.wordsOf({ userId, userName })
  }

  wordsOf({ userId, userName }: Member): string {
    return joined(guestOf(userId), isolated(userName), this.people.markOf(userId, userName))
  }

  /** Undefined where nothing tells, and may soon. */
  known(userId: string, chat?: Chat): string | undefined {
    const { chats, people } = this.state
    const inChat = chat?.members.get(userId) ?? people.online.get(userId)
    if (inChat === undefined && chat?.partial) this.want(chat.id)
    if (inChat !== undefined || chat !== undefined) return inChat?.userName
    return [...chats.all.values()].map(({ members }) => members.get(userId)).find(Boolean)?.userName
  }

  /** A private chat is called after the other one. */
  title(chat: Chat): Called {
    const other = chat.members.get(otherOf(chat, this.state.me.userId) ?? '')
    return other ? this.of(other) : { name: chat.name, note: this.ownerOfAlike(chat), mark: '' }
  }

  titleWords(chat: Chat): string {
    const other = chat.members.get(otherOf(chat, this.state.me.userId) ?? '')
    return other ? this.wordsOf(other) : isolated(chat.name)
  }

  private ownerOfAlike(chat: Chat): string {
    const { all } = this.state.chats
    if (chat.owner === '' || !this.chats.othersLike(chat.id, chat.name).some((id) => all.has(id))) return ''
    return texts.lobby.by(this.words(chat.owner, chat))
  }

  /** Names that an event tells. */
  hear(event: BackendEvent): void {
    if (event.kind === 'userOnline') this.learn([event.user])
    else if (event.kind === 'chatCreated' || event.kind === 'chatJoined') this.learnOf([event.chat])
    else if (event.kind === 'joinPrivateChat') this.learn(event.members.values())
    else if (event.kind === 'memberJoined' || event.kind === 'memberLeft') this.learn([event])
  }

  /** The API, with all names in its answers noted on the way. */
  hearing(api: Api): Api {
    const noted = async <T>(answer: Promise<T>, learn: (answer: T) => void): Promise<T> => {
      learn(await answer)
      return answer
    }
    const authors = (messages: readonly { fromUserId: string; fromUserName: string }[]): void =>
      this.learn(
        messages.map(({ fromUserId, fromUserName }) => ({ userId: fromUserId, userName: fromUserName })),
      )
    return {
      ...api,
      publicChats: (after) => noted(api.publicChats(after), ({ items }) => this.learnOf(items)),
      myChats: () => noted(api.myChats(), (own) => this.learnOf(own.map(({ chat }) => chat))),
      users: () => noted(api.users(), (users) => this.learn(users)),
      members: (chatId) => noted(api.members(chatId), (members) => this.learn(members)),
      messages: (chatId, query) => noted(api.messages(chatId, query), ({ messages }) => authors(messages)),
      search: (query) =>
        noted(api.search(query), ({ items }) => authors(items.map(({ message }) => message))),
    }
  }

  learnOf(chats: Iterable<Chat>): void {
    for (const { id, kind, name, members } of chats) {
      if (kind !== 'private') this.chats.learn(id, name)
      this.learn(members.values())
    }
  }

  private learn(people: Iterable<Member>): void {
    for (const { userId, userName } of people) if (userName !== '') this.people.learn(userId, userName)
  }
}

const guestOf = (userId: string): string => (isGuest({ userId }) ? texts.lobby.guest : '')

/** The blocks of scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
/** In a sentence such a name would tear apart what stands beside it. */
const isolated = (name: string): string => (rightToLeft.test(name) ? `\u2068${name}\u2069` : name)

const joined = (...words: string[]): string => words.filter((word) => word !== '').join(' ')
