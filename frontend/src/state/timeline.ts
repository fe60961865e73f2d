/** How a conversation is laid out in rows: day separators, groups of one author, system lines. No I/O, no markup. */
import type { ChatMessage, Entry, SystemLine } from './conversation'

/** Messages of one author this close together need their name only once. */
export const groupWithinMs = 5 * 60_000

export type Row =
  | { kind: 'day'; key: string; time: number }
  | { kind: 'message'; key: string; message: ChatMessage; startsGroup: boolean; endsGroup: boolean }
  | { kind: 'system'; key: string; line: SystemLine }

const dayOf = (time: number): string => new Date(time).toDateString()

function continues(previous: Entry | undefined, entry: Entry): boolean {
  if (previous?.kind !== 'message' || entry.kind !== 'message') return false
  if (previous.authorId !== entry.authorId || dayOf(previous.time) !== dayOf(entry.time)) return false
  return entry.time - previous.time < groupWithinMs
}

export function timelineRows(entries: readonly Entry[]): Row[] {
  const rows: Row[] = []
  entries.forEach((entry, index) => {
    const previous = entries[index - 1]
    const next = entries[index + 1]
    if (previous === undefined || dayOf(previous.time) !== dayOf(entry.time)) {
      rows.push({ kind: 'day', key: `day-${dayOf(entry.time)}`, time: entry.time })
    }
    if (entry.kind === 'system') {
      rows.push({ kind: 'system', key: entry.id, line: entry })
      return
    }
    const startsGroup = !continues(previous, entry)
    const endsGroup = next === undefined || !continues(entry, next)
    rows.push({ kind: 'message', key: entry.id, message: entry, startsGroup, endsGroup })
  })
  return rows
}
