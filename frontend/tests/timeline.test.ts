import { expect, test } from 'vitest'
import { addArrived, emptyConversation } from '../src/state/conversation'
import { firstNew, newestOfOthers, timelineRows } from '../src/state/timeline'

const conversation = emptyConversation()
for (const [index, authorId] of ['grace', 'ada', 'grace', 'ada', 'grace', 'grace'].entries()) {
  addArrived(conversation, { id: `m${index}`, text: 'text', authorId }, Date.UTC(2024, 4, 1, 12) + index)
}
const { entries } = conversation

test('new is what others said behind the message that was read last', () => {
  expect(firstNew(entries, 'm2', 'ada')).toBe('m4')
  expect(firstNew(entries, 'm5', 'ada')).toBeUndefined()
  expect(firstNew(entries, 'elsewhere', 'ada')).toBeUndefined()
  expect(firstNew(entries, undefined, 'ada')).toBeUndefined()
})

test('so many unread messages are the newest ones of others', () => {
  expect(newestOfOthers(entries, 3, 'ada')).toBe('m2')
  expect(newestOfOthers(entries, 9, 'ada')).toBeUndefined()
})

test('the line above what is new begins a group', () => {
  const rows = timelineRows(entries, 'm5')
  expect(rows.map(({ kind }) => kind)).toEqual(['day', ...Array<string>(5).fill('message'), 'new', 'message'])
  expect(rows.at(-3)).toMatchObject({ key: 'm4', endsGroup: true })
  expect(rows.at(-1)).toMatchObject({ key: 'm5', startsGroup: true, endsGroup: true })
})
