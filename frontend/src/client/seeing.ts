/** What the user has before their eyes, and so has read: counted here, and told to the backend. */
import type { Clock } from '../clock'
import { messageIn, newestSaved } from '../state/conversation'
import { clearUnread, readOn } from '../state/unread'
import type { Request } from './actions'
import type { Conversations } from './conversations'
import { ReadMarks } from './readMarks'
import type { ClientState } from './state'

export interface Seeing {
  /** The newest messages of this chat are before the user's eyes, also those that just came, or are not any more. */
  see(chatId: string, inSight: boolean): void
  /** All of this chat up to a message has been before the user's eyes, while its end was not. */
  readTo(chatId: string, messageId: string): void
  /** More of the chat before the user's eyes may have been loaded. */
  caughtUp(): void
  /** Tells the backend at once: the page may end now. */
  flush(): void
}

export function createSeeing(
  state: ClientState,
  conversations: Conversations,
  request: Request,
  clock: Clock,
  serverNow: () => number,
): Seeing {
  const marks = new ReadMarks(state.unread, (chatId, id) => request('markRead', { chatId, id }, id), clock)

  function noteSeen(chatId: string): void {
    const newest = newestSaved(conversations.of(chatId))
    if (newest) marks.seen(chatId, newest)
  }

  return {
    see(chatId, inSight) {
      if (inSight) {
        state.seeing = chatId
        clearUnread(state.unread, chatId, serverNow(), newestSaved(conversations.of(chatId)))
        noteSeen(chatId)
      } else if (state.seeing === chatId) {
        // Only then: the page of the next chat comes before that of the last one goes.
        state.seeing = null
      }
    },
    readTo(chatId, messageId) {
      const conversation = conversations.of(chatId)
      const message = messageIn(conversation, messageId)
      if (message === undefined) return
      if (readOn(state.unread, chatId, message, conversation, state.me.userId, serverNow()))
        marks.seen(chatId, message)
    },
    caughtUp() {
      if (state.seeing !== null) noteSeen(state.seeing)
    },
    flush: () => marks.flush(),
  }
}
