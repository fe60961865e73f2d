import { describe, expect, test } from 'vitest'
import { applyChange, type MessageChange } from '../src/state/changes'
import { emptyConversation, messageIn } from '../src/state/conversation'
import { addArrived, mergeHistory } from '../src/state/merging'
import type { ChatMessage, Conversation } from '../src/state/conversation'
import { stored } from './fakes'

const about = { chatId: 'c', id: 'm1' }
const reaction = (userId: string, emoji: string, on = true): MessageChange => ({
  kind: 'reaction',
  ...about,
  userId,
  emoji,
  on,
})
const edit = (message: string, editedAt: number): MessageChange => ({
  kind: 'messageEdited',
  ...about,
  message,
  mentions: [],
  editedAt,
})
const deletion: MessageChange = { kind: 'messageDeleted', ...about }

function present(): { conversation: Conversation; message: ChatMessage } {
  const conversation = emptyConversation()
  mergeHistory(conversation, [stored('m1', 100), stored('m2', 200)])
  const message = messageIn(conversation, 'm1')
  if (message === undefined) throw new Error('not there')
  return { conversation, message }
}

describe('an edit', () => {
  test('gives a message its new text and says when', () => {
    const { conversation, message } = present()
    applyChange(conversation, edit('new', 500))
    expect(message).toMatchObject({ text: 'new', editedAt: 500, time: 100 })
  })

  test('that arrives after a later one changes nothing', () => {
    const { conversation, message } = present()
    applyChange(conversation, edit('second', 600))
    applyChange(conversation, edit('first', 500))
    expect(message).toMatchObject({ text: 'second', editedAt: 600 })
  })

  test('of a message that is not here is of no concern', () => {
    const { conversation } = present()
    applyChange(conversation, { ...edit('x', 500), id: 'other' })
    expect(conversation).toEqual(present().conversation)
  })
})

describe('a deletion', () => {
  test('takes the message out, also when it comes twice', () => {
    const { conversation } = present()
    applyChange(conversation, deletion)
    applyChange(conversation, deletion)
    expect(conversation.entries.map(({ id }) => id)).toEqual(['m2'])
  })

  test('lasts, even if the message arrives once more', () => {
    const { conversation } = present()
    applyChange(conversation, deletion)
    expect(addArrived(conversation, { id: 'm1', text: 'hi', authorId: 'grace' }, 900)).toBe(false)
    expect(messageIn(conversation, 'm1')).toBeUndefined()
  })
})

describe('reactions', () => {
  test('stand in the order in which they came, each once', () => {
    const { conversation, message } = present()
    const changes = [
      reaction('ada', '🎉'),
      reaction('bob', '👍'),
      reaction('cleo', '🎉'),
      reaction('ada', '🎉'),
    ]
    changes.forEach((change) => applyChange(conversation, change))
    expect([...message.reactions]).toEqual([
      ['🎉', ['ada', 'cleo']],
      ['👍', ['bob']],
    ])
  })

  test('are taken away one by one', () => {
    const { conversation, message } = present()
    const changes = [reaction('ada', '🎉'), reaction('bob', '🎉'), reaction('ada', '🎉', false)]
    changes.forEach((change) => applyChange(conversation, change))
    expect([...message.reactions]).toEqual([['🎉', ['bob']]])
    applyChange(conversation, reaction('bob', '🎉', false))
    applyChange(conversation, reaction('bob', '🎉', false))
    expect(message.reactions.size).toBe(0)
  })

  test('come with the history, too', () => {
    const conversation = emptyConversation()
    const reactions = new Map([['👍', ['ada']]])
    mergeHistory(conversation, [{ ...stored('m1', 100), reactions, editedAt: 300 }])
    applyChange(conversation, reaction('bob', '👍'))
    expect(messageIn(conversation, 'm1')).toMatchObject({ editedAt: 300 })
    expect(messageIn(conversation, 'm1')?.reactions.get('👍')).toEqual(['ada', 'bob'])
    expect(reactions.get('👍')).toEqual(['ada'])
  })
})
