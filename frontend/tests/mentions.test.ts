import { describe, expect, test } from 'vitest'
import { completion, mentionedIn, mentionQuery, offeredMembers } from '../src/state/mentions'

const member = (userId: string, userName: string): { userId: string; userName: string } => ({
  userId,
  userName,
})
const ann = member('a', 'Ann')
const annLee = member('l', 'Ann Lee')
const zoe = member('z', 'Zoë Ångström')
const me = member('me', 'Anna Me')
const all = [me, zoe, annLee, ann]

describe('what is being completed', () => {
  test.each([
    ['@', 1, ''],
    ['Hi @an', 6, 'an'],
    ['Hi @ann le', 10, 'ann le'],
    ['(@an', 4, 'an'],
    ['**@an', 5, 'an'],
  ])('%j', (text, caret, query) => {
    expect(mentionQuery(text, caret)?.query).toBe(query)
  })

  test.each([
    ['ada@example', 11],
    ['Hi @ an', 7],
    ['@an\nnew line', 6],
    ['no at all', 4],
    ['@an', 0],
    [`@${'a'.repeat(60)}`, 61],
  ])('nothing in %j at %i', (text, caret) => {
    expect(mentionQuery(text, caret)).toBeNull()
  })
})

describe('who is offered', () => {
  const namesFor = (query: string): string[] =>
    offeredMembers(all, query, 'me').map(({ userName }) => userName)

  test('those whose name begins so, then those with a word that does, never oneself', () => {
    expect(namesFor('an')).toEqual(['Ann', 'Ann Lee', 'Zoë Ångström'])
  })

  test('accents and case do not matter', () => {
    expect(namesFor('ZOE')).toEqual(['Zoë Ångström'])
  })

  test('nobody whose name is another', () => {
    expect(namesFor('x')).toEqual([])
  })
})

test('a name is completed in place, with one space behind it', () => {
  const query = { start: 3, query: 'an' }
  expect(completion('Hi @an there', query, 'Ann')).toEqual({ from: 3, to: 7, text: '@Ann ' })
  expect(completion('Hi @an, there', query, 'Ann')).toEqual({ from: 3, to: 6, text: '@Ann ' })
})

describe('who is mentioned', () => {
  const none = new Map<string, string>()

  test('of a name in a name the longer one', () => {
    expect(mentionedIn('@Ann Lee', all, none)).toEqual(['l'])
    expect(mentionedIn('@Ann Lee and @Ann', all, none)).toEqual(['l', 'a'])
  })

  test('of two with one name the one that was picked', () => {
    const twins = [member('1', 'Twin'), member('2', 'Twin')]
    expect(mentionedIn('@Twin', twins, new Map([['Twin', '2']]))).toEqual(['2'])
    expect(mentionedIn('@Twin', twins, none)).toHaveLength(1)
  })

  test('nobody whose name is gone from the text again', () => {
    expect(mentionedIn('never mind', all, new Map([['Ann', 'a']]))).toEqual([])
  })

  test('at most as many as the backend takes', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      member(`${index}`, `Name${String.fromCharCode(65 + index)}`),
    )
    expect(mentionedIn(many.map(({ userName }) => `@${userName}`).join(' '), many, none)).toHaveLength(20)
  })
})
