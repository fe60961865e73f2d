/**
 * Who was picked from the list of members, and where in the text that is being written. A name alone does not tell when
 * two have the same one.
 */
export interface Pick {
  /** Where the `@` stands; -1 once that is not known any more, as when the name was deleted, which undo brings back. */
  at: number
  userId: string
}

/**
 * Whom a name at this place means, of those who have it: those who were picked there, else who was picked last for it
 * wherever it stood; null when nobody was.
 */
export function pickedAt(picks: readonly Pick[], at: number, userIds: readonly string[]): string[] | null {
  const possible = picks.filter(({ userId }) => userIds.includes(userId))
  const here = possible.filter((pick) => pick.at === at).map(({ userId }) => userId)
  if (here.length > 0) return here
  const last = possible.at(-1)
  return last ? [last.userId] : null
}

/**
 * The picks after the text has changed: those behind the change have moved with their names.
 *
 * @param caret where the caret stands in the new text, the end of what changed; it tells which of two equal words went.
 */
export function moved(picks: readonly Pick[], before: string, now: string, caret: number): Pick[] {
  if (now === '') return []
  const after = sameAtEnd(before, now, now.length - caret)
  const most = Math.min(before.length, now.length) - after
  let same = 0
  while (same < most && before.charAt(same) === now.charAt(same)) same += 1
  return picks.map((pick) => {
    if (pick.at < same) return pick
    if (pick.at >= before.length - after) return { ...pick, at: pick.at + now.length - before.length }
    return { ...pick, at: -1 }
  })
}

function sameAtEnd(before: string, now: string, most: number): number {
  let same = 0
  const limit = Math.min(most, before.length, now.length)
  while (same < limit && before.at(-1 - same) === now.at(-1 - same)) same += 1
  return same
}

/** With somebody picked at a place, and nobody else there any more. */
export const withPick = (picks: readonly Pick[], pick: Pick): Pick[] => [
  ...picks.filter(({ at }) => at !== pick.at || at < 0),
  pick,
]
