import { expect, test } from 'vitest'
import { PendingRequests } from '../src/connection/requests'

/** A request whose ack the test gives. */
function request(pending: PendingRequests, event: string, id?: string) {
  let ack = (): void => undefined
  const done = pending.run(event, id, () => new Promise<void>((resolve) => (ack = resolve)))
  return { done, ack: () => ack() }
}

test('an ack without an error is success', async () => {
  const { done, ack } = request(new PendingRequests(), 'joinChat', 'c')
  ack()
  await expect(done).resolves.toBeUndefined()
})

test('an error before the ack is a refusal', async () => {
  const pending = new PendingRequests()
  const { done, ack } = request(pending, 'saveMessage', 'm')
  expect(pending.refuse({ event: 'saveMessage', code: 'NotAMember', message: 'Join first.', id: 'm' })).toBe(
    true,
  )
  ack()
  await expect(done).rejects.toMatchObject({ code: 'NotAMember', message: 'Join first.' })
})

test('an error meets the request with its id, whichever came first', async () => {
  const pending = new PendingRequests()
  const first = request(pending, 'saveMessage', 'm1')
  const second = request(pending, 'saveMessage', 'm2')
  pending.refuse({ event: 'saveMessage', code: 'BadRequest', message: 'Too long.', id: 'm2' })
  first.ack()
  second.ack()
  await expect(first.done).resolves.toBeUndefined()
  await expect(second.done).rejects.toMatchObject({ code: 'BadRequest' })
})

test('an error whose id only the backend knows meets the oldest request of its kind', async () => {
  const pending = new PendingRequests()
  const { done, ack } = request(pending, 'createPrivateChat')
  expect(
    pending.refuse({ event: 'createPrivateChat', code: 'UserNotFound', message: 'Gone.', id: 'private_1' }),
  ).toBe(true)
  ack()
  await expect(done).rejects.toMatchObject({ code: 'UserNotFound' })
})

test('an error nobody waits for is said to be so', async () => {
  const pending = new PendingRequests()
  const { done, ack } = request(pending, 'saveMessage', 'm1')
  expect(pending.refuse({ event: 'saveMessage', code: 'X', message: 'X', id: 'other' })).toBe(false)
  expect(pending.refuse({ event: 'joinChat', code: 'X', message: 'X' })).toBe(false)
  ack()
  await done
  expect(pending.refuse({ event: 'saveMessage', code: 'X', message: 'X', id: 'm1' })).toBe(false)
})
