/** Everything a signed-in page knows, in one reactive object. Who changes which part is said in the modules beside. */
import { reactive } from 'vue'
import { stoppedConnection, type ConnectionState } from '../connection/connection'
import { emptyChats, type ChatsState } from '../state/chats'
import type { Conversation } from '../state/conversation'
import { noNames, type NamesState } from '../state/names'
import { noNotices, type NoticesState } from '../state/notices'
import { emptyPeople, type PeopleState } from '../state/people'
import { nobodyTypes, type TypingState } from '../state/typing'
import { emptyUnread, type UnreadState } from '../state/unread'
import type { Me, Member } from '../wire/model'
import type { Draft } from '../state/draft'
import { nothingSearched, type SearchState } from './messageSearch'

export interface ClientState {
  me: Me
  connection: ConnectionState
  chats: ChatsState
  people: PeopleState
  names: { people: NamesState; chats: NamesState }
  /** Those whom one has blocked, as far as that is known (`BlockedPeople`). */
  blocked: Map<string, Member>
  /** False until the lists were loaded once. */
  directoryLoaded: boolean
  conversations: Map<string, Conversation>
  unread: UnreadState
  typing: TypingState
  notices: NoticesState
  /** What was typed and not sent or saved, by chat. */
  drafts: Map<string, Draft>
  search: SearchState
  /** The chat whose newest messages are before the user's eyes; null when none is, or the tab is hidden. */
  seeing: string | null
}

export function createState(me: Me): ClientState {
  return reactive<ClientState>({
    me,
    connection: stoppedConnection(),
    chats: emptyChats(),
    people: emptyPeople(),
    names: { people: noNames(), chats: noNames() },
    blocked: new Map(),
    directoryLoaded: false,
    conversations: new Map(),
    unread: emptyUnread(),
    typing: nobodyTypes(),
    notices: noNotices(),
    drafts: new Map(),
    search: nothingSearched(),
    seeing: null,
  })
}
