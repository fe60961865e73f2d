import { beforeEach, describe, expect, test } from 'vitest'
import { loaded, signedIn, type Page } from './signedIn'

let page: Page
const noticesUp = (): string[] => page.client.state.notices.up.map(({ text }) => text)

beforeEach(async () => {
  page = await signedIn()
})

describe.each([
  ['joinChat', () => page.client.actions.joinChat('open')],
  ['leaveChat', () => page.client.actions.leaveChat('art')],
  ['removeMember', () => page.client.actions.removeMember('art', 'grace')],
  ['deleteChat', () => page.client.actions.deleteChat('art')],
] as const)('%s that could not be finished in time', (event, act) => {
  let sent: unknown[]

  /** Refuses the first so many. */
  function refused(times: number, code: string): void {
    sent = []
    page.service.latest.onEvent = ({ name, data }) => {
      if (sent.push([name, data]) <= times)
        page.service.latest.tell('error', { event: name, code, message: 'Why.', retryAfter: 5 })
    }
  }

  test('is sent once more when the backend says it may', async () => {
    refused(1, 'Unavailable')
    const done = page.client.attempt(act)
    await loaded()
    await page.clock.passAndSettle(4_000)
    expect(sent).toHaveLength(1)
    await page.clock.passAndSettle(2_000)
    expect(await done).not.toBeNull()
    expect(sent).toEqual([sent[0], sent[0]])
    expect(noticesUp()).toEqual([])
  })

  test('is told when that is in vain too', async () => {
    refused(2, 'Unavailable')
    const done = page.client.attempt(act)
    await loaded()
    await page.clock.passAndSettle(6_000)
    await loaded()
    expect(await done).toBeNull()
    expect(sent).toEqual([
      [event, expect.anything()],
      [event, expect.anything()],
    ])
    expect(noticesUp()).toHaveLength(1)
  })

  test('is not sent again when the answer is no', async () => {
    refused(1, 'NotTheOwner')
    const done = page.client.attempt(act)
    await loaded()
    await page.clock.passAndSettle(6_000)
    await loaded()
    expect(await done).toBeNull()
    expect(sent).toHaveLength(1)
  })
})
