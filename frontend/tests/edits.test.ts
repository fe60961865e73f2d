import { beforeEach, describe, expect, test } from 'vitest'
import { createClient, type Client } from '../src/client/client'
import { lastOwn, messageIn, statusOf, type ChatMessage } from '../src/state/conversation'
import type { Edit } from '../src/state/draft'
import { mentionedAfter } from '../src/state/mentions'
import { connectionGone, FakeService, person, stored, type FakeSocket } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

let page: Page
let client: Client

beforeEach(async () => {
  page = await signedIn()
  client = page.client
  page.api.history.set('art', [stored('m1', 1, 'ada'), stored('m2', 2, 'ada')])
  await client.conversations.open('art')
})

const socket = (): FakeSocket => page.service.latest
const message = (id: string, of = client): ChatMessage => {
  const found = messageIn(of.conversations.of('art'), id)
  if (found === undefined) throw new Error(`${id} is not here`)
  return found
}
const last = (): ChatMessage => {
  const found = lastOwn(client.conversations.of('art'), 'ada')
  if (found === undefined) throw new Error('nothing was written')
  return found
}
const change = (id: string, text: string): void => {
  client.edit('art', message(id))
  client.edits.write('art', id, text, [])
}
const inField = (of = client): Partial<Edit> | null => of.edits.current('art')
const sent = (name: string): unknown[] =>
  socket()
    .events.filter((event) => event.name === name)
    .map(({ data }) => (data as { message: string }).message)

function refuse(code: string): void {
  socket().onEvent = ({ name, data }) => {
    const { id } = data as { id: string }
    socket().tell('error', { event: name, code, message: 'No.', id })
  }
}

/** The same browser shows another page. */
async function reloaded(): Promise<Client> {
  client.flush()
  const { api, clock, storage } = page
  const service = new FakeService()
  const ignore = (): void => undefined
  const next = createClient({
    me: person('ada', 'Ada'), api, random: () => 0,
    clock, storage, openSocket: service.open,
    announce: ignore, showChat: ignore, signedOut: ignore,
  }) // prettier-ignore
  next.start()
  service.latest.greet()
  await loaded()
  return next
}

describe('what is written to change a message', () => {
  test('stays through an edit in another chat, the draft and a reload', async () => {
    client.drafts.write('art', 'half a thought')
    change('m1', 'better words')
    client.conversations.of('open')
    client.drafts.write('open', 'meanwhile')
    const next = await reloaded()
    expect(inField(next)).toEqual({ id: 'm1', text: 'better words', was: 'text of m1' })
    expect(next.drafts.of('art').text).toBe('half a thought')
    next.edits.drop('art', 'm1')
    expect([inField(next), next.drafts.of('art').text]).toEqual([null, 'half a thought'])
  })

  test('waits while another message is changed, and is in the field again then', async () => {
    change('m1', 'better words')
    change('m2', 'other words')
    expect(inField()).toMatchObject({ id: 'm2', text: 'other words' })
    await client.edits.save('art', 'm2', 'other words', [])
    expect(inField()).toMatchObject({ id: 'm1', text: 'better words' })
    client.edit('art', message('m2'))
    client.edit('art', message('m1'))
    expect(client.drafts.of('art').edits).toHaveLength(1)
  })

  test('is out of the field while it is saved, and there again when it could not be', async () => {
    change('m1', 'better words')
    refuse('TooManyRequests')
    const saving = client.edits.save('art', 'm1', 'better words', [])
    expect(inField()).toBeNull()
    expect(inField(await reloaded())).toMatchObject({ text: 'better words' })
    await expect(saving).rejects.toThrow()
    expect(inField()).toMatchObject({ id: 'm1', text: 'better words' })
    socket().onEvent = () => undefined
    await client.edits.save('art', 'm1', 'better words', [])
    expect([inField(), client.drafts.of('art')]).toEqual([null, { text: '' }])
  })

  test('goes on from what is saved when one writes on before that is', async () => {
    change('m1', 'better words')
    let save = (): void => undefined
    socket().sendEvent = () => new Promise((resolve) => (save = resolve))
    const saving = client.edits.save('art', 'm1', 'better words', [])
    change('m1', 'better words, and more')
    save()
    await saving
    expect(inField()).toMatchObject({ text: 'better words, and more', was: 'better words' })
  })

  test('counts among what is lost by signing out, unless nothing was changed', () => {
    client.edit('art', message('m1'))
    expect(client.unsent().drafts).toBe(0)
    change('m1', 'better words')
    client.drafts.write('art', 'half a thought')
    expect(client.unsent().drafts).toBe(2)
  })

  test('stays when the message is deleted meanwhile, as is told by an event or by the answer', async () => {
    client.drafts.write('art', 'half a thought')
    change('m1', 'better words')
    change('m2', 'other words')
    socket().tell('messageDeleted', { chatId: 'art', id: 'm2' })
    expect(inField()).toMatchObject({ text: 'other words', gone: true })
    client.edits.drop('art', 'm2')
    expect(inField()?.gone).toBeUndefined()
    refuse('MessageNotFound')
    await expect(client.edits.save('art', 'm1', 'better words', [])).rejects.toThrow()
    expect(inField()).toMatchObject({ text: 'better words', gone: true })
  })

  test('is told which words it would replace', () => {
    change('m1', 'better words')
    const editedAt = '2024-05-01T12:00:00.000Z'
    socket().tell('messageEdited', { chatId: 'art', id: 'm1', message: 'from elsewhere', editedAt })
    expect(inField()).toMatchObject({ was: 'text of m1', text: 'better words' })
    client.edits.overwrite('art', 'm1')
    expect(inField()).toMatchObject({ was: 'from elsewhere', text: 'better words' })
  })

  test('says whom it mentions, and what an edit elsewhere mentions is known here', async () => {
    await client.edits.save('art', 'm1', '@grace', ['grace'])
    expect(socket().events.at(-1)?.data).toMatchObject({ id: 'm1', mentions: ['grace'] })
    const editedAt = '2024-05-01T12:00:00.000Z'
    const event = { chatId: 'art', id: 'm1', message: '@grace', mentions: ['grace'], editedAt }
    socket().tell('messageEdited', event)
    expect(message('m1').mentions).toEqual(['grace'])
    client.edit('art', message('m1'))
    expect(inField()?.picked).toEqual([{ at: 0, userId: 'grace' }])
  })
})

describe('the message that was written last, though it is not kept', () => {
  test('is the one to change', () => {
    client.send('art', 'first')
    client.send('art', 'zeroth')
    expect(last().text).toBe('zeroth')
  })

  test('is sent with its new words while it waits for the one before', async () => {
    let save = (): void => undefined
    socket().sendEvent = (name, data) => {
      socket().events.push({ name, data })
      return name === 'saveMessage' ? new Promise((resolve) => (save = resolve)) : Promise.resolve()
    }
    client.send('art', 'first')
    client.send('art', 'zeroth')
    await loaded()
    await client.edits.save('art', last().id, 'second', [])
    expect(last().text).toBe('second')
    save()
    await loaded()
    save()
    await loaded()
    expect(sent('saveMessage')).toEqual(['first', 'second'])
    expect(sent('editMessage')).toEqual([])
    expect(statusOf(last())).toBe('saved')
  })

  test('is changed as soon as it is kept when it is on its way, delivered or not', async () => {
    let save = (): void => undefined
    socket().sendEvent = (name, data) => {
      socket().events.push({ name, data })
      return name === 'saveMessage' ? new Promise((resolve) => (save = resolve)) : Promise.resolve()
    }
    client.send('art', 'hullo')
    await loaded()
    expect(statusOf(last())).toBe('delivered')
    await client.edits.save('art', last().id, 'hello', [])
    await client.edits.save('art', last().id, 'hello!', [])
    save()
    await loaded()
    expect([sent('saveMessage'), sent('editMessage')]).toEqual([['hullo'], ['hello!']])
    expect([last().text, statusOf(last())]).toEqual(['hello!', 'saved'])
  })

  test('is a kept one like any other when it was kept while one wrote', async () => {
    client.send('art', 'hullo')
    change(last().id, 'hello')
    await loaded()
    await client.edits.save('art', last().id, 'hello', [])
    expect([sent('saveMessage'), sent('editMessage')]).toEqual([['hullo'], ['hello']])
  })

  test('is sent again, to all and under its id, when it was refused', async () => {
    refuse('BadRequest')
    client.send('art', 'hullo')
    await loaded()
    const { id } = last()
    expect(statusOf(last())).toBe('failed')
    socket().onEvent = () => undefined
    await client.edits.save('art', id, 'hello', [])
    await loaded()
    expect([sent('saveMessage'), sent('editMessage')]).toEqual([['hullo', 'hello'], ['hello']])
    expect(socket().groupMessages.map(({ data }) => data)).toMatchObject([
      { id, message: 'hullo' },
      { id, message: 'hello' },
    ])
    expect(statusOf(last())).toBe('saved')
  })

  test('is sent again when its saving fails after it was changed', async () => {
    client.send('art', 'hullo')
    await client.edits.save('art', last().id, 'hello', [])
    refuse('BadRequest')
    await loaded()
    expect([last().text, statusOf(last())]).toEqual(['hello', 'failed'])
    socket().onEvent = () => undefined
    client.retry('art', last().id)
    await loaded()
    expect([sent('saveMessage').at(-1), statusOf(last())]).toEqual(['hello', 'saved'])
  })

  test('goes out with its last words when the connection is back, also on the next page', async () => {
    socket().onEvent = connectionGone
    socket().onGroupMessage = connectionGone
    client.send('art', 'hullo')
    await loaded()
    await client.edits.save('art', last().id, 'hello', [])
    const next = await reloaded()
    const [own] = next.conversations.of('art').entries
    expect(own).toMatchObject({ text: 'hello', sent: { saved: true } })
    socket().onEvent = () => undefined
    socket().onGroupMessage = () => undefined
    await page.clock.passAndSettle(2_000)
    await loaded()
    expect([sent('saveMessage').at(-1), sent('editMessage').at(-1)]).toEqual(['hello', 'hello'])
    expect(statusOf(last())).toBe('saved')
  })

  test('is kept in the browser with its new words while it waits', async () => {
    socket().listener.ended()
    client.send('art', 'hullo')
    await page.clock.passAndSettle(2_000)
    await client.edits.save('art', last().id, 'hello', [])
    await page.clock.passAndSettle(2_000)
    const kept = page.storage.keys('chatr.unsent/').map((key) => page.storage.read(key))
    expect(kept.join()).toContain('"text":"hello"')
  })

  test('is shown with its new words to those who have it with its first', () => {
    socket().say('art', 'grace', { id: 'm9', message: 'hullo' })
    socket().say('art', 'grace', { id: 'm9', message: 'hello', mentions: ['ada'] })
    expect(message('m9')).toMatchObject({ text: 'hello', mentions: ['ada'] })
    socket().say('art', 'eve', { id: 'm9', message: 'mine' })
    socket().say('art', 'ada', { id: 'm1', message: 'not what the history has' })
    expect([message('m9').text, message('m1').text]).toEqual(['hello', 'text of m1'])
  })
})

test('a changed message also mentions who is not listed, but no more than the backend takes', () => {
  const members = new Map([['grace', person('grace', 'Grace')]])
  const chat = { id: 'c', name: 'c', owner: '', kind: 'public', moderated: false, members } as const
  const many = Array.from({ length: 20 }, (_, number) => `u${number}`)
  expect(mentionedAfter([], ['grace', 'far'], { ...chat, partial: true })).toEqual(['far'])
  expect(mentionedAfter(many, ['far'], { ...chat, partial: true })).toEqual(many)
  expect(mentionedAfter([], ['left'], { ...chat, partial: false })).toEqual([])
})
