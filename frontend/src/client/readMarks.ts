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
  /** What was told last; empty when that failed. */
  told: string
  triesLeft: number
  /** Ends the rest; null when there is none. */
  wake: (() => void) | null
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
    const mark = this.marks.get(chatId) ?? { wanted: '', told: '', triesLeft: 0, wake: null }
    this.marks.set(chatId, mark)
    Object.assign(mark, { wanted: message.id, triesLeft: mostTries })
    if (mark.wake) return
    // What arrived just now is on its way into the history, too.
    if (message.stored) this.tell(chatId, mark)
    else this.rest(chatId, mark)
  }

  /** Tells at once what waits for the end of a rest: the page may not live to see it. */
  flush(): void {
    for (const [chatId, mark] of this.marks) if (mark.wake) this.tell(chatId, mark)
  }

  private tell(chatId: string, mark: Mark): void {
    const { wanted } = mark
    const known = wanted === mark.told || wanted === this.unread.lastRead.get(chatId)
    if (known || mark.triesLeft === 0) return
    mark.triesLeft -= 1
    mark.told = wanted
    this.rest(chatId, mark)
    this.markRead(chatId, wanted).catch(() => {
      // Tried again after the rest.
      if (mark.told === wanted) mark.told = ''
    })
  }

  private rest(chatId: string, mark: Mark): void {
    mark.wake?.()
    mark.wake = this.clock.after(restMs, () => {
      mark.wake = null
      this.tell(chatId, mark)
    })
  }
}
