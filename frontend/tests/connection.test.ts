import { beforeEach, describe, expect, test } from 'vitest'
import { createConnection, stoppedConnection, type ConnectionState } from '../src/connection/connection'
import { FakeClock, FakeService, settled } from './fakes'

let clock: FakeClock
let service: FakeService
let state: ConnectionState
let told: string[]
let connection: ReturnType<typeof createConnection>
let goodbye: boolean

beforeEach(() => {
  clock = new FakeClock()
  service = new FakeService()
  state = stoppedConnection()
  told = []
  goodbye = false
  const handlers = {
    connected: (lostAt: number | null) => told.push(lostAt === null ? 'connected' : 'connected again'),
    recovered: () => told.push('recovered'),
    received: () => told.push('received'),
    failedForGood: () => goodbye,
    tooMany: (error: unknown) => error instanceof Error && error.message === 'too many',
  }
  connection = createConnection(state, service.open, handlers, clock)
  connection.start()
})

test('it is online once the service has greeted', () => {
  expect(state.phase).toBe('connecting')
  service.latest.greet()
  expect(state).toMatchObject({ phase: 'online', lostAt: null, troubleSince: null })
  expect(told).toEqual(['connected'])
})

test('a connection that cannot be made is tried again with growing pauses', async () => {
  const pauses: number[] = []
  for (let attempt = 0; attempt < 7; attempt++) {
    service.latest.started?.reject(new Error('refused'))
    await settled()
    expect(state.phase).toBe('waiting')
    pauses.push((state.nextTryAt ?? 0) - clock.now())
    clock.pass(pauses.at(-1) ?? 0)
  }
  expect(pauses).toEqual([0, 1000, 2000, 4000, 8000, 15000, 30000])
})

test('one too many is tried again slowly, says so, and comes in when another was closed', async () => {
  for (let attempt = 0; attempt < 3; attempt++) {
    service.latest.started?.reject(new Error('too many'))
    await settled()
    expect(state).toMatchObject({ phase: 'waiting', tooMany: true, nextTryAt: clock.now() + 20_000 })
    clock.pass(19_999)
    expect(service.sockets).toHaveLength(attempt + 1)
    clock.pass(1)
    expect(state).toMatchObject({ phase: 'connecting', tooMany: true })
  }
  service.latest.greet()
  expect(state).toMatchObject({ phase: 'online', tooMany: false })
})

test('what fails for another reason after that is no longer one too many', async () => {
  service.latest.started?.reject(new Error('too many'))
  await settled()
  clock.pass(20_000)
  service.latest.started?.reject(new Error('refused'))
  await settled()
  expect(state).toMatchObject({ tooMany: false, nextTryAt: clock.now() + 1_000 })
})

test('the attempts end when there is no hope', async () => {
  goodbye = true
  service.latest.started?.reject(new Error('signed out'))
  await settled()
  clock.pass(60_000)
  expect(state.phase).toBe('stopped')
  expect(service.sockets).toHaveLength(1)
})

describe('once online', () => {
  beforeEach(() => service.latest.greet())

  test('silence means that it is lost, and a sign of life that it is back', () => {
    const heardAt = clock.now()
    clock.pass(9_000)
    expect(state).toMatchObject({ phase: 'lost', lostAt: heardAt })
    service.latest.listener.heard()
    expect(state.phase).toBe('online')
    expect(told).toEqual(['connected', 'recovered'])
  })

  test('regular signs of life keep it online', () => {
    for (let second = 0; second < 60; second += 4) {
      clock.pass(4_000)
      service.latest.listener.heard()
    }
    expect(told).toEqual(['connected'])
  })

  test('silence while the backend works on an event is borne for longer', () => {
    service.latest.ackDue = true
    clock.pass(20_000)
    expect(state.phase).toBe('online')
    clock.pass(10_000)
    expect(state.phase).toBe('lost')
  })

  test('one that has ended is replaced at once', () => {
    service.latest.listener.ended()
    clock.pass(1)
    expect(service.sockets).toHaveLength(2)
    service.latest.greet()
    expect(told).toEqual(['connected', 'connected again'])
  })

  test('what a replaced socket says is ignored', () => {
    const old = service.latest
    connection.reconnectNow()
    expect(old.stopped).toBe(true)
    old.listener.received({ from: 'server', data: 'late' })
    old.listener.ended()
    expect(told).toEqual(['connected'])
    expect(service.sockets).toHaveLength(2)
  })

  test('a socket silent for very long is given up', () => {
    clock.pass(45_000)
    expect(service.sockets).toHaveLength(2)
    expect(service.sockets[0]?.stopped).toBe(true)
  })

  test('waking from sleep is no loss if the service speaks soon', () => {
    clock.sleep(3_600_000)
    clock.pass(2_000)
    expect(state.phase).toBe('online')
    service.latest.listener.heard()
    clock.pass(3_000)
    expect(state.phase).toBe('online')
  })

  test('after sleep, what was missed counts from before it', () => {
    const heardAt = clock.now()
    clock.sleep(3_600_000)
    clock.pass(10_000)
    expect(state).toMatchObject({ phase: 'lost', lostAt: heardAt })
    expect(clock.now() - (state.troubleSince ?? 0)).toBeLessThan(15_000)
  })

  test('stopping leaves no timer that starts anew', () => {
    connection.stop()
    clock.pass(120_000)
    expect(service.sockets).toHaveLength(1)
    expect(state.phase).toBe('stopped')
  })
})

test('a stopped connection can be started again, and knows since when it was without', () => {
  service.latest.greet()
  connection.stop()
  clock.pass(5_000)
  connection.start()
  service.latest.greet()
  expect(told).toEqual(['connected', 'connected again'])
})
