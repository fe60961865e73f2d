import { expect, test } from 'vitest'
import { mentionsOf, unreadOf } from '../src/state/unread'
import { wireChat } from './fakes'
import { signedIn } from './signedIn'

test('an invite is what the backend answers before its ack', async () => {
  const { client, service } = await signedIn()
  const socket = service.latest
  socket.onEvent = () =>
    socket.tell('invite', { chatId: 'art', token: 't1', expires: '2024-05-08T12:00:00Z' })
  const invite = await client.actions.createInvite('art')
  expect(invite).toMatchObject({ token: 't1', expires: Date.parse('2024-05-08T12:00:00Z') })
})

test('an accepted invite leads into its chat, a refused one says why', async () => {
  const { client, service } = await signedIn()
  const socket = service.latest
  socket.onEvent = () => socket.tell('chatJoined', wireChat('circle', ['grace', 'ada']))
  expect(await client.actions.acceptInvite('t1')).toBe('circle')
  expect(client.state.chats.all.has('circle')).toBe(true)
  socket.onEvent = () =>
    socket.tell('error', { event: 'acceptInvite', code: 'InviteNotFound', message: 'It is over.' })
  await expect(client.actions.acceptInvite('t1')).rejects.toThrow('It is over.')
})

test('a message that is not seen is announced, once, with whether it names the user', async () => {
  const { client, service, announced } = await signedIn()
  service.latest.say('art', 'grace', { id: 'm1', message: 'hello @Ada' })
  service.latest.say('art', 'grace', { id: 'm1', message: 'hello @Ada' })
  client.see('art', true)
  service.latest.say('art', 'grace', { id: 'm2', message: 'seen' })
  expect(announced.map(({ text, mentioned }) => [text, mentioned])).toEqual([['hello @Ada', true]])
  client.see('art', false)
  service.latest.say('art', 'grace', { id: 'm3', message: '@Ada again' })
  expect([unreadOf(client.state.unread, 'art'), mentionsOf(client.state.unread, 'art')]).toEqual([1, 1])
})
