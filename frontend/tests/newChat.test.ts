import { beforeEach, expect, test } from 'vitest'
import type { NewChat } from '../src/client/actions'
import { wireChat } from './fakes'
import { signedIn, type Page } from './signedIn'

const tea: NewChat = { name: 'Tea', kind: 'public', moderated: false }

let page: Page
let ids: string[]

const make = (wanted: NewChat): Promise<string> => page.client.actions.createChat(wanted)

/** What the backend answers from now on to whoever makes a chat. */
function answers(answer: (id: string) => void): void {
  page.service.latest.onEvent = ({ data }) => {
    const { id } = data as { id: string }
    ids.push(id)
    answer(id)
  }
}

function refuse(id: string, code: string, retryAfter?: number): void {
  page.service.latest.tell('error', { event: 'createChat', code, message: 'Why.', id, retryAfter })
}

const cannotNow = (id: string): void => refuse(id, 'Unavailable', 5)

beforeEach(async () => {
  page = await signedIn()
  ids = []
})

test('a chat that is asked for again after a fault is the same chat', async () => {
  answers(cannotNow)
  await expect(make(tea)).rejects.toThrow()
  answers(() => undefined)
  expect(await make(tea)).toBe(ids[0])
  expect(await make(tea)).not.toBe(ids[0])
})

test('another one is another chat', async () => {
  answers(cannotNow)
  await expect(make(tea)).rejects.toThrow()
  await expect(make({ ...tea, kind: 'group' })).rejects.toThrow()
  await expect(make({ ...tea, name: 'Tee' })).rejects.toThrow()
  expect(new Set(ids).size).toBe(3)
})

test('one whose id is gone is asked for under another', async () => {
  answers((id) => refuse(id, 'ChatIdTaken'))
  await expect(make(tea)).rejects.toThrow()
  await expect(make(tea)).rejects.toThrow()
  expect(new Set(ids).size).toBe(2)
})

test('one that has come all the same is not asked for again', async () => {
  answers((id) => {
    page.service.latest.tell('chatCreated', { ...wireChat(id, ['ada']), name: 'Tea' })
    cannotNow(id)
  })
  await expect(make(tea)).rejects.toThrow()
  await expect(make(tea)).rejects.toThrow()
  expect(new Set(ids).size).toBe(2)
})
