/**
 * Keeps one connection to the service: starts it, notices when it is silent, starts a new one when it has ended, with
 * growing pauses. Says which phase it is in; what is sent and what is done with what arrives is for others to know.
 * Callbacks of a socket that was replaced are ignored.
 */
import { every, type Clock } from '../clock'
import type { Envelope } from '../wire/events'
import type { OpenSocket, Socket, SocketListener } from './socket'

export interface ConnectionState {
  /**
   * connecting: a new connection is being made; online; lost: nothing was heard for a while, the socket is trying to
   * recover; waiting: until `nextTryAt`; stopped: signed out or never started.
   */
  phase: 'stopped' | 'connecting' | 'online' | 'lost' | 'waiting'
  /** Since when nothing has been heard (ms); null while online. What happened after it may have been missed. */
  lostAt: number | null
  /** Since when something is visibly wrong (ms). Later than `lostAt` after the machine slept. */
  troubleSince: number | null
  nextTryAt: number | null
  /** The last attempt was refused because the user has too many connections. */
  tooMany: boolean
}

export interface ConnectionHandlers {
  /** A connection with no memory of an earlier one is there; `lostAt` says since when we were without. */
  connected(lostAt: number | null, userId: string): void
  /** The same connection speaks again after a silence. */
  recovered(lostAt: number): void
  received(envelope: Envelope): void
  /** A connection could not be made; true ends the attempts. */
  failedForGood(error: unknown): boolean
  /** It could not be made because the user has as many as they may. */
  tooMany(error: unknown): boolean
}

export interface Connection {
  start(): void
  stop(): void
  /** Gives up on what is there and tries at once. */
  reconnectNow(): void
  /** The browser says that it has no network. */
  suspect(): void
  /** The socket to send by. It may be one that is not connected; sending then rejects. */
  socket(): Socket | null
}

/** A living connection answers a ping every 4 seconds (webPubSubSocket.ts). */
const silentAfterMs = 7_000
/** The service answers pings of a connection only after its earlier events; a backend that has to start takes a while. */
const silentWithAckDueAfterMs = 25_000
/** The client's own recovery ends after 30 seconds; a connection silent for longer is dead without knowing it. */
const deadAfterMs = 40_000
const watchEveryMs = 1_000
/** Timers this late were frozen: the machine slept or the tab was in the background. */
const frozenAfterMs = 5_000
const pausesMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

/** Until one of the user's other tabs is closed, which nobody tells us. */
const tooManyPauseMs = 20_000

const noTrouble = { lostAt: null, troubleSince: null, nextTryAt: null, tooMany: false }

export const stoppedConnection = (): ConnectionState => ({ phase: 'stopped', ...noTrouble })

export function createConnection(
  state: ConnectionState,
  openSocket: OpenSocket,
  handlers: ConnectionHandlers,
  clock: Clock,
): Connection {
  let current: Socket | null = null
  let failures = 0
  let heardAt = 0
  let attemptedAt = 0
  let watchedAt = 0
  let wokeAt = 0
  let cancelTry = (): void => undefined
  let cancelWatch = (): void => undefined

  function listenerOf(isCurrent: () => boolean): SocketListener {
    return {
      connected: (userId) => isCurrent() && greet(userId),
      heard: () => isCurrent() && hear(),
      received: (envelope) => isCurrent() && handlers.received(envelope),
      ended: () => isCurrent() && pause(),
    }
  }

  function attempt(): void {
    cancelTry()
    retire()
    attemptedAt = clock.now()
    inTrouble('connecting', attemptedAt)
    const socket: Socket = openSocket(listenerOf(() => current === socket))
    current = socket
    socket.start().catch((error: unknown) => {
      if (current !== socket) return
      state.tooMany = handlers.tooMany(error)
      if (handlers.failedForGood(error)) stop()
      else pause()
    })
  }

  /** Enters a phase other than online; when the trouble began stays as it is, if there was some already. */
  function inTrouble(phase: ConnectionState['phase'], since: number): void {
    state.phase = phase
    state.lostAt ??= heardAt > 0 ? heardAt : since
    state.troubleSince ??= since
    state.nextTryAt = null
  }

  function greet(userId: string): void {
    const lostAt = heardAt > 0 ? state.lostAt : null
    failures = 0
    heardAt = clock.now()
    Object.assign(state, { phase: 'online', ...noTrouble })
    handlers.connected(lostAt, userId)
  }

  function hear(): void {
    if (state.phase === 'online') heardAt = clock.now()
    if (state.phase !== 'lost') return
    const lostAt = state.lostAt ?? heardAt
    heardAt = clock.now()
    Object.assign(state, { phase: 'online', ...noTrouble })
    handlers.recovered(lostAt)
  }

  function pause(): void {
    retire()
    const growing = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0
    const delay = state.tooMany ? tooManyPauseMs : growing
    failures += 1
    inTrouble('waiting', clock.now())
    state.nextTryAt = clock.now() + delay
    cancelTry = clock.after(delay, attempt)
  }

  function watch(): void {
    const now = clock.now()
    if (now - watchedAt > frozenAfterMs) wokeAt = now
    watchedAt = now
    const bearable = current?.awaitsAck() === true ? silentWithAckDueAfterMs : silentAfterMs
    const silentFor = now - Math.max(heardAt, wokeAt)
    if (state.phase === 'online' && silentFor > bearable) inTrouble('lost', now - silentFor)
    const stuckSince = state.phase === 'connecting' ? attemptedAt : heardAt
    const stuck = state.phase === 'lost' || state.phase === 'connecting'
    if (stuck && now - Math.max(stuckSince, wokeAt) > deadAfterMs) attempt()
  }

  function retire(): void {
    const socket = current
    current = null
    socket?.stop()
  }

  function stop(): void {
    cancelTry()
    cancelWatch()
    retire()
    Object.assign(state, stoppedConnection())
  }

  return {
    start() {
      watchedAt = clock.now()
      cancelWatch = every(clock, watchEveryMs, watch)
      attempt()
    },
    stop,
    reconnectNow() {
      if (state.phase === 'stopped') return
      failures = 0
      attempt()
    },
    suspect() {
      if (state.phase === 'online') inTrouble('lost', clock.now())
    },
    socket: () => current,
  }
}
