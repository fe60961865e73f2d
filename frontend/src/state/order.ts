/**
 * The order of a conversation is that of the history. A message whose place the history has told stands there; what has
 * none, because it was just said or is a line of this page only, keeps its neighbours until the history tells.
 */
import { plainEntries, type ChatMessage, type Conversation, type Entry } from './conversation'

/** A message from others that is not in the history within this time is dropped. */
export const keptWithinMs = 60_000

/**
 * What different people say so far apart is kept in the order in which it was shown. Whoever keeps a message later than
 * half of this shows it again, once it is kept (outbox.ts).
 */
export const doubtWithinMs = 10_000

/** The history counts whole milliseconds; what has no place there stands a fraction of one beside what has. */
const beside = 0.25

const hasPlace = (entry: Entry): boolean => entry.kind === 'message' && entry.stored

/** Whether the history is about to have it. */
export const isAwaited = (entry: Entry): entry is ChatMessage =>
  entry.kind === 'message' && !entry.stored && !entry.sent.failed && entry.liveOnly !== true

/** It was shown to us, or acknowledged, and its place is not known. */
export const isHeard = (entry: Entry): entry is ChatMessage => isAwaited(entry) && entry.sent.saved

/**
 * Sorts by time, and gives what has no place a time between those of its neighbours.
 *
 * @param readTo up to which time (ms) the history was just read to its end: what it is about to have comes behind.
 */
export function inOrder(entries: readonly Entry[], readTo = -Infinity): Entry[] {
  let earliest = -Infinity
  const latest = placesAhead(entries)
  entries.forEach((entry, index) => {
    if (!hasPlace(entry)) {
      const between = Math.max(earliest, Math.min(entry.time, (latest[index] ?? Infinity) - beside))
      entry.time = isAwaited(entry) ? Math.max(between, readTo + beside) : between
    }
    earliest = entry.time
  })
  return [...entries].sort((a, b) => a.time - b.time)
}

/** For each entry, the time of the next one that has its place. */
function placesAhead(entries: readonly Entry[]): number[] {
  let next = Infinity
  return entries
    .map((_, index) => {
      const entry = entries.at(-1 - index)
      const ahead = next
      if (entry && hasPlace(entry)) next = entry.time
      return ahead
    })
    .reverse()
}

/** Whether the history may have two messages the other way round: they were said at about the same time by different people. */
export function isInDoubt(conversation: Conversation): boolean {
  const entries = plainEntries(conversation)
  const settled = entries.findLastIndex(({ id }) => id === conversation.settledTo)
  const tail = entries
    .slice(settled + 1)
    .filter((entry): entry is ChatMessage => isAwaited(entry) || hasPlace(entry))
  return tail.some((message, index) => {
    const before = tail[index - 1]
    if (before === undefined || before.authorId === message.authorId) return false
    return !(before.stored && message.stored) && message.time - before.time < doubtWithinMs
  })
}

/** Whether something that others have said, or that is said to be kept, has no place yet. */
export const awaitsPlaces = (conversation: Conversation): boolean => plainEntries(conversation).some(isHeard)
