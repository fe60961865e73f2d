/** What a page does when its connection is there: says hello, sends what waits, and reads what it has missed. */
import type { Clock } from '../clock'
import type { Socket } from '../connection/socket'
import type { Conversations } from './conversations'
import type { Directory } from './directory'
import type { OwnMessages } from './ownMessages'
import type { OwnPresence } from './ownPresence'
import type { Seeing } from './seeing'

/** What was said just before we came may have been stored just after we asked. */
const lookAgainAfterMs = 3_000

export interface ArrivalParts {
  directory: Directory
  conversations: Conversations
  presence: OwnPresence
  own: OwnMessages
  seeing: Seeing
  clock: Clock
  socket: () => Socket | null
}

export interface Arrival {
  /** @param lostAt when the connection before was lost; null for the first one. */
  connected(lostAt: number | null): Promise<void>
  /** The same connection goes on after a break. */
  recovered(): Promise<void>
}

export function createArrival(parts: ArrivalParts): Arrival {
  const { directory, conversations, presence, own, seeing, clock, socket } = parts
  const greet = (): Promise<unknown> => Promise.all([presence.tell(), directory.load()])

  async function catchUp(): Promise<void> {
    await conversations.catchUp()
    seeing.caughtUp()
  }

  async function lookAgain(): Promise<void> {
    await directory.recount()
    await conversations.readOpenAgain()
  }

  return {
    async connected(lostAt) {
      const present = socket()
      own.lineOpened()
      own.resume()
      clock.after(lookAgainAfterMs, () => void (socket() === present && lookAgain()))
      await greet()
      if (lostAt !== null) await catchUp()
    },
    async recovered() {
      own.lineOpened()
      await greet()
      await catchUp()
    },
  }
}
