/**
 * The list of public chats, which anybody can make as long as they like: its first page comes with the other lists, the
 * following when somebody looks further. Knows nothing of how that is seen.
 */
import type { Api } from '../api'
import { addPublicChat, addPublicChats } from '../state/chats'
import type { ClientState } from './state'

/** What the id of a public chat looks like. */
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

type Load = () => Promise<void>
type Wanted = () => boolean

const always: Wanted = () => true

export class PublicChats {
  /** Those for whom all of the list is being loaded. */
  private readonly readers = new Set<Wanted>()
  private loadsAll = false

  /**
   * @param loading loads something while nothing else is loaded, and applies what is heard meanwhile upon it; false when
   * it failed.
   * @param pause lets some time pass before the next try; false when there is none.
   */
  constructor(
    private readonly state: ClientState,
    private readonly api: Api,
    private readonly loading: (load: Load) => Promise<boolean>,
    private readonly pause: () => Promise<boolean>,
  ) {}

  /** Loads the next page, if there is one, and tries again while that is wanted; true when it is here. */
  more(wanted = always): Promise<boolean> {
    const { chats, me } = this.state
    return this.persist(wanted, async () => {
      const from = chats.upTo
      if (from !== null) addPublicChats(chats, await this.api.publicChats(from), me.userId)
    })
  }

  /** Loads page after page while somebody wants them, however many do. */
  async allWhile(wanted: Wanted): Promise<void> {
    this.readers.add(wanted)
    if (this.loadsAll) return
    this.loadsAll = true
    const anyWanted = (): boolean => [...this.readers].some((reader) => reader())
    while (anyWanted() && this.state.chats.upTo !== null && (await this.more(anyWanted)));
    this.loadsAll = false
    this.readers.clear()
  }

  /** Loads one chat, if it is public and was not loaded yet; false when it is not wanted any more before that is known. */
  async find(chatId: string, wanted = always): Promise<boolean> {
    const { chats, me } = this.state
    if (chats.upTo === null || chats.all.has(chatId) || !uuid.test(chatId)) return true
    return this.persist(wanted, async () => {
      // In the order of ids a text stands right before those that begin with it; with all but its last digit only few do.
      const { items } = await this.api.publicChats(chatId.slice(0, -1))
      const found = items.find(({ id }) => id === chatId)
      if (found) addPublicChat(chats, found, me.userId)
    })
  }

  private async persist(wanted: Wanted, load: Load): Promise<boolean> {
    while (wanted()) {
      if (await this.loading(load)) return true
      if (!(await this.pause())) return false
    }
    return false
  }
}
