/**
 * Lists of chats name only some members of each. Who else is in a chat is asked for when somebody needs it: a name that
 * is missing, a mention that is being written, the list itself.
 */
import type { Api } from '../api'
import type { Clock } from '../clock'
import type { ChatsState } from '../state/chats'
import type { BackendEvent } from '../wire/events'
import type { Member } from '../wire/model'

/** After a failure, so long nobody asks by the way. */
const restMs = 30_000

/** Who came (or went: null) while a list was being read. */
type Changes = Map<string, Member | null>

export class MemberLists {
  private readonly reading = new Map<string, { done: Promise<void>; changes: Changes }>()
  private readonly restUntil = new Map<string, number>()

  constructor(
    private readonly chats: ChatsState,
    private readonly members: Api['members'],
    private readonly clock: Clock,
  ) {}

  /** Resolves when all members of the chat are known; rejects when they cannot be had. Asks once for all who ask. */
  complete(chatId: string): Promise<void> {
    if (this.chats.all.get(chatId)?.partial !== true) return Promise.resolve()
    const before = this.reading.get(chatId)
    if (before) return before.done
    const changes: Changes = new Map()
    const done = this.read(chatId, changes).finally(() => this.reading.delete(chatId))
    this.reading.set(chatId, { done, changes })
    return done
  }

  /** Has the list completed if it can be; what shows it changes then. */
  want(chatId: string): void {
    if (this.clock.now() < (this.restUntil.get(chatId) ?? 0)) return
    this.complete(chatId).catch(() => this.restUntil.set(chatId, this.clock.now() + restMs))
  }

  /** A list that is being read may or may not know of it. */
  apply(event: BackendEvent): void {
    if (event.kind !== 'memberJoined' && event.kind !== 'memberLeft') return
    const { chatId, userId, userName } = event
    const member = event.kind === 'memberJoined' ? { userId, userName } : null
    this.reading.get(chatId)?.changes.set(userId, member)
  }

  private async read(chatId: string, changes: Changes): Promise<void> {
    const found = new Map((await this.members(chatId)).map((member) => [member.userId, member]))
    for (const [userId, member] of changes) {
      if (member) found.set(userId, member)
      else found.delete(userId)
    }
    const chat = this.chats.all.get(chatId)
    if (chat) Object.assign(chat, { members: found, partial: false })
  }
}
