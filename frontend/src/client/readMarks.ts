/**
 * Tells the backend how far the user has read, so that other devices know: only when that has moved, and at most once
 * in two seconds for each chat.
 */
import type { Clock } from '../clock'
import type { ChatMessage } from '../state/conversation'
import type { UnreadState } from '../state/unread'

const restMs = 2_000
/** A message that is not in the history after so many tries will not come into it. */
const mostTries = 3

interface Mark {
  wanted: string
  told: string
  triesLeft: number
  resting: boolean
}

export class ReadMarks {
  private readonly marks = new Map<string, Mark>()

  constructor(
    private readonly unread: UnreadState,
    private readonly markRead: (chatId: string, messageId: string) => Promise<void>,
    private readonly clock: Clock,
  ) {}

  /** The user has seen this message and what is before it. */
  seen(chatId: string, message: ChatMessage): void {
    const mark = this.marks.get(chatId) ?? { wanted: '', told: '', triesLeft: 0, resting: false }
    this.marks.set(chatId, mark)
    Object.assign(mark, { wanted: message.id, triesLeft: mostTries })
    if (mark.resting) return
    // What arrived just now is on its way into the history, too.
    if (message.stored) this.tell(chatId, mark)
    else this.rest(chatId, mark)
  }

  private tell(chatId: string, mark: Mark): void {
    const { wanted } = mark
    const known = wanted === mark.told || wanted === this.unread.lastRead.get(chatId)
    if (known || mark.triesLeft === 0) return
    mark.triesLeft -= 1
    this.rest(chatId, mark)
    this.markRead(chatId, wanted).then(
      () => (mark.told = wanted),
      // Tried again after the rest.
      () => undefined,
    )
  }

  private rest(chatId: string, mark: Mark): void {
    mark.resting = true
    this.clock.after(restMs, () => {
      mark.resting = false
      this.tell(chatId, mark)
    })
  }
}
