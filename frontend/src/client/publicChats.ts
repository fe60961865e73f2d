/**
 * The list of public chats, which anybody can make as long as they like: its first page comes with the other lists, the
 * following when somebody looks further. Knows nothing of how that is seen.
 */
import type { Api } from '../api'
import { addPublicChat, addPublicChats } from '../state/chats'
import type { ClientState } from './state'

/** What the id of a public chat looks like. */
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Loads something while nothing else is loaded, and applies what is heard meanwhile upon it; false when it failed. */
type Loading = (load: () => Promise<void>) => Promise<boolean>

export class PublicChats {
  constructor(
    private readonly state: ClientState,
    private readonly api: Api,
    private readonly loading: Loading,
  ) {}

  /** Loads the next page, if there is one; false when it could not be read. */
  more(): Promise<boolean> {
    const { chats, me } = this.state
    return this.loading(async () => {
      const from = chats.upTo
      if (from !== null) addPublicChats(chats, await this.api.publicChats(from), me.userId)
    })
  }

  /** Loads page after page while they are wanted. */
  async allWhile(wanted: () => boolean): Promise<void> {
    while (wanted() && this.state.chats.upTo !== null && (await this.more()));
  }

  /** Loads one chat, if it is public and was not loaded yet. */
  async find(chatId: string): Promise<void> {
    const { chats, me } = this.state
    if (chats.upTo === null || chats.all.has(chatId) || !uuid.test(chatId)) return
    await this.loading(async () => {
      // In the order of ids a text stands right before those that begin with it; with all but its last digit only few do.
      const { items } = await this.api.publicChats(chatId.slice(0, -1))
      const found = items.find(({ id }) => id === chatId)
      if (found) addPublicChat(chats, found, me.userId)
    })
  }
}
