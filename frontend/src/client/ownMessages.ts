/** One's own messages on their way: the outbox, the connection it waits for, and what the browser keeps of them. */
import type { BrowserStorage } from '../browser/browserStorage'
import type { Clock } from '../clock'
import type { Conversations } from './conversations'
import { tellNowhere } from './incoming'
import { Line } from './line'
import { Outbox, type Sending } from './outbox'
import type { Chat } from '../wire/model'
import type { ClientState } from './state'
import { UnsentMessages } from './unsentMessages'

/** Most messages are sent by then. */
const keepUnsentAfterMs = 1_000

export interface OwnMessages {
  outbox: Outbox
  unsent: UnsentMessages
  /** Sends what other pages have left. */
  resume(): void
  /** The connection is there, or there again. */
  lineOpened(): void
}

export function createOwnMessages(
  state: ClientState,
  conversations: Conversations,
  sending: Sending,
  storage: BrowserStorage,
  clock: Clock,
  serverNow: () => number,
): OwnMessages {
  const unsent = new UnsentMessages(state.me.userId, storage)
  const line = new Line(() => state.connection.phase === 'online', clock)
  const chatOf = (chatId: string): Chat | undefined => state.chats.all.get(chatId)
  const outbox = new Outbox(state.me, conversations, sending, line, clock, serverNow, chatOf, {
    changed: () => void clock.after(keepUnsentAfterMs, () => unsent.keep(state.conversations)),
    nowhere: (text) => tellNowhere(state.notices, text),
  })
  return {
    outbox,
    unsent,
    resume() {
      for (const message of unsent.take()) void outbox.resume(message)
    },
    lineOpened: () => line.opened(),
  }
}
