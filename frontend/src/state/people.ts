/** Who is online and who of them is idle: plain functions over a plain state, safe to replay. */
import { compareNames } from '../folding'
import type { BackendEvent } from '../wire/events'
import type { User } from '../wire/model'

export interface PeopleState {
  online: Map<string, User>
  /** When each user who is not back was last seen going, in milliseconds; says whether a return is news. */
  wentAt: Map<string, number>
}

/** Somebody back within this time only reloaded the page. */
const returnIsNewsAfterMs = 30_000

/** For so long somebody who went is still shown: whoever reloads the page or changes the network is not gone. */
export const lingersMs = 5_000

export const emptyPeople = (): PeopleState => ({ online: new Map(), wentAt: new Map() })

export function replacePeople(state: PeopleState, listed: readonly User[]): void {
  state.online = new Map(listed.map((user) => [user.userId, user]))
  listed.forEach(({ userId }) => state.wentAt.delete(userId))
}

export function applyToPeople(state: PeopleState, event: BackendEvent, now: number): void {
  switch (event.kind) {
    case 'userOnline':
      state.online.set(event.user.userId, event.user)
      state.wentAt.delete(event.user.userId)
      return
    case 'userOffline':
      state.wentAt.set(event.userId, now)
      return
    case 'userIsIdle':
    case 'userNotIdle': {
      const user = state.online.get(event.userId)
      if (user) user.idle = event.kind === 'userIsIdle'
      return
    }
    default:
      return
  }
}

/** Somebody went at that time; unless they came back since, they are gone now. */
export function dropGone(state: PeopleState, userId: string, wentAt: number): void {
  if (state.wentAt.get(userId) === wentAt) state.online.delete(userId)
}

/** Whether it is worth telling that this user came online. Ask before the event is applied. */
export function isNewArrival(state: PeopleState, userId: string, now: number): boolean {
  if (state.online.has(userId)) return false
  return now - (state.wentAt.get(userId) ?? -Infinity) > returnIsNewsAfterMs
}

/** Oneself first, then those who are there, then those who are idle; each by name. */
export function peopleInOrder(state: PeopleState, myId: string): User[] {
  const rank = (user: User): number => (user.userId === myId ? 0 : user.idle ? 2 : 1)
  return [...state.online.values()].sort(
    (a, b) => rank(a) - rank(b) || compareNames(a.userName, b.userName) || compareNames(a.userId, b.userId),
  )
}
