/** How a conversation is laid out in rows: day separators, groups of one author, system lines. No I/O, no markup. */
import type { ChatMessage, Entry, SystemLine } from './conversation'

/** Messages of one author this close together need their name only once. */
export const groupWithinMs = 5 * 60_000

interface MessageRow {
  kind: 'message'
  key: string
  message: ChatMessage
  startsGroup: boolean
  endsGroup: boolean
}

export type Row =
  | { kind: 'day'; key: string; time: number }
  | { kind: 'new'; key: string }
  | MessageRow
  | { kind: 'system'; key: string; line: SystemLine }

/** Which day a time is in. Asking the calendar is slow, and the times in a row mostly share a day. */
function dayReader(): (time: number) => number {
  let start = 0
  let end = 0
  return (time) => {
    if (time < start || time >= end) {
      const date = new Date(time)
      const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()]
      start = new Date(year, month, day).getTime()
      end = new Date(year, month, day + 1).getTime()
    }
    return start
  }
}

type DayOf = (time: number) => number

function continues(previous: Entry | undefined, entry: Entry, dayOf: DayOf): boolean {
  if (previous?.kind !== 'message' || entry.kind !== 'message') return false
  if (previous.authorId !== entry.authorId || dayOf(previous.time) !== dayOf(entry.time)) return false
  return entry.time - previous.time < groupWithinMs
}

/** A message; where it is gone, the next one of others. */
export function sameOrNextOfOthers(
  entries: readonly Entry[],
  { id, time }: { id: string; time: number },
  myId: string,
): Entry | undefined {
  const isNext = (entry: Entry): boolean =>
    entry.kind === 'message' && entry.authorId !== myId && entry.time >= time
  return entries.find((entry) => entry.id === id) ?? entries.find(isNext)
}

/**
 * @param newFrom the id of the message that the line "new messages" stands above.
 * @param zone names the system's time zone: in another, other messages share a day.
 */
export function timelineRows(entries: readonly Entry[], newFrom?: string, zone = ''): Row[] {
  const rows: Row[] = []
  const dayOf = dayReader()
  let previous: Entry | undefined
  let before: MessageRow | undefined
  for (const entry of entries) {
    const day = dayOf(entry.time)
    if (previous === undefined || dayOf(previous.time) !== day) {
      rows.push({ kind: 'day', key: `day-${zone}-${day}`, time: entry.time })
    }
    if (entry.id === newFrom) rows.push({ kind: 'new', key: 'new' })
    if (entry.kind === 'system') {
      rows.push({ kind: 'system', key: entry.id, line: entry })
      before = undefined
    } else {
      const startsGroup = entry.id === newFrom || !continues(previous, entry, dayOf)
      if (before && !startsGroup) before.endsGroup = false
      before = { kind: 'message', key: entry.id, message: entry, startsGroup, endsGroup: true }
      rows.push(before)
    }
    previous = entry
  }
  return rows
}
