import { expect, test } from 'vitest'
import { emptyConversation } from '../src/state/conversation'
import { addArrived } from '../src/state/merging'
import { groupWithinMs, sameOrNextOfOthers, timelineRows } from '../src/state/timeline'

const conversation = emptyConversation()
for (const [index, authorId] of ['grace', 'ada', 'grace', 'ada', 'grace', 'grace'].entries()) {
  addArrived(conversation, { id: `m${index}`, text: 'text', authorId }, Date.UTC(2024, 4, 1, 12) + index)
}
const { entries } = conversation

test('the line stays above the first new message, and when that is deleted above the next of others', () => {
  const [m2, m4] = [entries[2], entries[4]]
  const at = { id: 'm2', time: m2?.time ?? 0 }
  expect(sameOrNextOfOthers(entries, at, 'ada')).toBe(m2)
  const without = entries.filter((entry) => entry !== m2)
  expect(sameOrNextOfOthers(without, at, 'ada')).toBe(m4)
  expect(sameOrNextOfOthers(without.slice(0, 3), at, 'ada')).toBeUndefined()
})

test('the line above what is new begins a group', () => {
  const rows = timelineRows(entries, 'm5')
  expect(rows.map(({ kind }) => kind)).toEqual(['day', ...Array<string>(5).fill('message'), 'new', 'message'])
  expect(rows.at(-3)).toMatchObject({ key: 'm4', endsGroup: true })
  expect(rows.at(-1)).toMatchObject({ key: 'm5', startsGroup: true, endsGroup: true })
})

test('messages of one author are a group while less than five minutes lie between them', () => {
  const history = emptyConversation()
  const noon = new Date(2024, 4, 1, 12).getTime()
  const said: [string, number][] = [
    ['grace', 0],
    ['grace', groupWithinMs - 1],
    ['grace', 2 * groupWithinMs - 1],
    ['ada', 2 * groupWithinMs],
    ['grace', 2 * groupWithinMs + 1],
  ]
  said.forEach(([authorId, after], index) =>
    addArrived(history, { id: `m${index}`, text: 'text', authorId }, noon + after),
  )
  const groups = timelineRows(history.entries).flatMap((row) =>
    row.kind === 'message' ? [[row.startsGroup, row.endsGroup]] : [],
  )
  expect(groups).toEqual([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
    [true, true],
  ])
})

test('a line stands between the days of the reader, and begins a group', () => {
  const history = emptyConversation()
  const midnight = new Date(2024, 4, 2).getTime()
  for (const [index, time] of [midnight - 1, midnight, midnight + 1].entries()) {
    addArrived(history, { id: `m${index}`, text: 'text', authorId: 'grace' }, time)
  }
  const rows = timelineRows(history.entries)
  expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'day', 'message', 'message'])
  expect(rows[2]).toMatchObject({ time: midnight })
  expect(rows[3]).toMatchObject({ key: 'm1', startsGroup: true, endsGroup: false })
})
