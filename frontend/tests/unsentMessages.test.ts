import { expect, test } from 'vitest'
import { createClient, type Client } from '../src/client/client'
import { statusOf, type ChatMessage } from '../src/state/conversation'
import { FakeService, person } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

/** The same browser shows another page, whose connection is there at once. */
async function reloaded(page: Page, userId = 'ada'): Promise<{ client: Client; service: FakeService }> {
  const { api, clock, storage } = page
  const service = new FakeService()
  const ignore = (): void => undefined
  const client = createClient({
    me: person(userId, userId),
    api,
    openSocket: service.open,
    clock,
    announce: ignore,
    random: () => 0,
    storage,
    showChat: ignore,
    signedOut: ignore,
  })
  client.start()
  service.latest.greet()
  await loaded()
  return { client, service }
}

const own = ({ conversations }: Client): ChatMessage[] =>
  conversations.of('art').entries.filter((entry) => entry.kind === 'message')
const shown = (client: Client): string[] =>
  own(client).map((message) => `${message.text} ${statusOf(message)}`)

/** Ada writes while there is no connection. */
async function written(): Promise<Page> {
  const page = await signedIn()
  page.service.latest.listener.ended()
  page.client.send('art', 'hello', { replyTo: 'm1', mentions: ['grace'] })
  await loaded()
  return page
}

test('a message that was on its way when the page ended is sent by the next, under its id', async () => {
  const page = await written()
  const [before] = own(page.client)
  page.client.flush()
  const { client, service } = await reloaded(page)
  expect(shown(client)).toEqual(['hello saved'])
  const saved = service.latest.events.filter(({ name }) => name === 'saveMessage').map(({ data }) => data)
  expect(saved).toEqual([
    { chatId: 'art', id: before?.id, message: 'hello', replyTo: 'm1', mentions: ['grace'] },
  ])
  client.flush()
  expect(shown((await reloaded(page)).client)).toEqual([])
})

test('what was written hours ago is sent in the order of writing', async () => {
  const page = await written()
  page.client.send('art', 'second')
  page.client.send('art', 'third')
  page.client.flush()
  page.clock.pass(9 * 60 * 60_000)
  const { client, service } = await reloaded(page)
  await loaded()
  const saved = service.latest.events.filter(({ name }) => name === 'saveMessage').map(({ data }) => data)
  expect(saved).toMatchObject([{ message: 'hello' }, { message: 'second' }, { message: 'third' }])
  expect(shown(client)).toEqual(['hello saved', 'second saved', 'third saved'])
})

test('what waits is kept soon, whether or not the page lives to say goodbye', async () => {
  const page = await written()
  page.clock.pass(1_000)
  expect(shown((await reloaded(page)).client)).toEqual(['hello saved'])
})

test('what another tab has left waiting is sent when the connection is back', async () => {
  const page = await written()
  const { client, service } = await reloaded({ ...page, storage: page.storage.otherTab() })
  expect(shown(client)).toEqual([])
  service.latest.listener.ended()
  page.client.flush()
  page.clock.pass(1)
  service.latest.greet()
  await loaded()
  const saved = service.latest.events.filter(({ name }) => name === 'saveMessage').map(({ data }) => data)
  expect(saved).toMatchObject([{ message: 'hello' }])
})

test('one that has failed waits for the user, who may discard it', async () => {
  const page = await signedIn()
  page.service.latest.onEvent = ({ name, data }) => {
    const { id } = data as { id: string }
    page.service.latest.tell('error', { event: name, code: 'Forbidden', message: 'No.', id })
  }
  page.client.send('art', 'hello')
  await loaded()
  page.client.flush()
  const { client, service } = await reloaded(page)
  expect(shown(client)).toEqual(['hello failed'])
  expect(service.latest.namesOfEvents()).not.toContain('saveMessage')
  client.flush()
  const again = (await reloaded(page)).client
  expect(shown(again)).toEqual(['hello failed'])
  again.discard('art', own(again)[0]?.id ?? '')
  expect(shown(again)).toEqual([])
  again.flush()
  expect(page.storage.keys('chatr.unsent')).toEqual([])
})

test('another tab that ends later does not lose it', async () => {
  const page = await written()
  const { client: other } = await reloaded(page)
  page.client.flush()
  other.flush()
  expect(shown((await reloaded(page)).client)).toEqual(['hello saved'])
})

test('somebody else on this machine does not see it', async () => {
  const page = await written()
  page.client.flush()
  expect(shown((await reloaded(page, 'grace')).client)).toEqual([])
})

test('one that is discarded is gone at once, and not kept again by a tab that had it, too', async () => {
  const page = await written()
  page.client.flush()
  page.clock.pass(6 * 60_000)
  const { client: other } = await reloaded(page)
  page.client.flush()
  other.flush()
  other.discard('art', own(other)[0]?.id ?? '')
  expect(page.storage.keys('chatr.unsent')).toEqual([])
  page.client.flush()
  expect(shown((await reloaded(page)).client)).toEqual([])
})

test('it has priority over drafts and remembered chats where there is little room', async () => {
  const page = await signedIn()
  page.client.drafts.write('art', 'x'.repeat(2_000))
  page.client.flush()
  page.storage.browser.room = 2_500
  page.service.latest.listener.ended()
  page.client.send('art', 'y'.repeat(1_500))
  page.client.flush()
  expect(page.storage.keys('chatr.unsent/')).toHaveLength(1)
  expect(page.storage.keys('chatr.draft/')).toHaveLength(0)
  expect([...page.storage.unkept]).toEqual(['full'])
})

test('it is counted with those of other tabs, and gone with its drafts when the user signs out', async () => {
  const page = await written()
  page.storage.setItem('chatr.unsent/ada/m9', '{}')
  page.client.drafts.write('art', 'half a thought')
  page.client.drafts.write('open', '  ')
  expect(page.client.unsent()).toEqual({ messages: 2, drafts: 1 })
  page.client.forget()
  page.client.flush()
  page.client.close()
  expect(page.storage.items.size).toBe(0)
})

test('those of an older page, which kept them in one piece, are sent', async () => {
  const page = await signedIn()
  const message = { chatId: 'art', id: 'm1', text: 'hello', time: page.clock.now(), failed: false }
  page.storage.setItem('chatr.unsent', JSON.stringify({ userId: 'ada', messages: [message] }))
  expect(shown((await reloaded(page)).client)).toEqual(['hello saved'])
  expect(page.storage.items.has('chatr.unsent')).toBe(false)
})

test('what is kept in another form is as if nothing had been kept', async () => {
  const page = await signedIn()
  const forms = [
    '{',
    '{"userId":"ada","messages":7}',
    '{"userId":"ada","messages":[null,{"id":"m1","text":"hello"}]}',
  ]
  for (const form of forms) {
    page.storage.setItem('chatr.unsent', form)
    expect(shown((await reloaded(page)).client)).toEqual([])
  }
  page.storage.setItem('chatr.unsent/ada/m1', '{"id":"m1","text":"hello"}')
  expect(shown((await reloaded(page)).client)).toEqual([])
})
