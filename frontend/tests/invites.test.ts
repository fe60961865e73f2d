import { expect, test } from 'vitest'
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
  // Of many members only some are listed.
  socket.onEvent = () => socket.tell('chatJoined', wireChat('circle', ['grace']))
  expect(await client.actions.acceptInvite('t1')).toBe('circle')
  expect([...(client.state.chats.all.get('circle')?.members.keys() ?? [])]).toEqual(['grace', 'ada'])
  socket.onEvent = () =>
    socket.tell('error', { event: 'acceptInvite', code: 'InviteNotFound', message: 'It is over.' })
  await expect(client.actions.acceptInvite('t1')).rejects.toThrow('It is over.')
})
