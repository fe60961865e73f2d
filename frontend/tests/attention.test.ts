import { expect, test } from 'vitest'
import type { Attention } from '../src/state/attention'
import { countedInAll, countMention, countUnread, emptyUnread } from '../src/state/unread'

test('outside of the chats is counted what each of them may tell', () => {
  const state = emptyUnread()
  const chosen: Record<string, Attention> = { loud: 'all', named: 'mentions', quiet: 'none' }
  for (const chatId of Object.keys(chosen)) {
    for (let count = 0; count < 3; count++) countUnread(state, chatId, 0)
    countMention(state, chatId)
  }
  const counted = (only: string[]): number =>
    countedInAll(state, (chatId) => (only.includes(chatId) ? (chosen[chatId] ?? 'all') : 'none'))
  expect([counted(['loud']), counted(['named']), counted(['quiet'])]).toEqual([3, 1, 0])
  expect(counted(['loud', 'named', 'quiet'])).toBe(4)
})
