/**
 * Several people's pages over one model of the service and the backend, which lose, delay and repeat as the real ones do:
 * events of a connection are handled one after the other, the history grows at its end only, and what was sent when a
 * connection broke has come through or not.
 */
import { createClient, type Client } from '../src/client/client'
import { SendError } from '../src/connection/socket'
import type { Envelope, GroupPayload } from '../src/wire/events'
import type { StoredMessage } from '../src/wire/model'
import { chat, FakeApi, FakeClock, FakeSocket, FakeStorage, person, settled } from './fakes'

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed * 7_919 + 1
  return () => {
    // A linear congruential generator (Numerical Recipes).
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const stepMs = 100

interface Connection {
  socket: FakeSocket
  alive: boolean
  /** Refuses what waits for an answer. */
  breaks: (() => void)[]
  /** When the service has passed on what came before. */
  busyUntil: number
  heardUntil: number
}

export class World {
  readonly clock = new FakeClock()
  readonly history: StoredMessage[] = []
  readonly pages: ModelPage[]
  /** How long the backend and the service take at most (ms). */
  backendMs = 150
  serviceMs = 100

  constructor(
    readonly random: () => number,
    names: readonly string[],
  ) {
    this.pages = names.map((name) => new ModelPage(this, name, names))
  }

  upTo(ms: number): number {
    return Math.floor(this.random() * ms)
  }

  keep(author: string, { id, message }: { id: string; message: string }): StoredMessage {
    const kept = this.history.find((one) => one.id === id)
    if (kept) return kept
    const time = Math.max(this.clock.now(), (this.history.at(-1)?.time ?? 0) + 1)
    const more = { fromUserId: author, fromUserName: author, mentions: [], reactions: new Map() }
    const made = { id, message, time, ...more }
    this.history.push(made)
    return made
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) await this.clock.passAndSettle(stepMs)
  }
}

export class ModelPage {
  readonly client: Client
  reachable = true
  private connection: Connection | null = null

  constructor(
    private readonly world: World,
    readonly name: string,
    names: readonly string[],
  ) {
    const { clock } = world
    const api = new FakeApi(clock)
    api.mine = api.chats = [chat('art', [...names])]
    api.history.set('art', world.history)
    api.pageSize = 20
    const read = api.messages.bind(api)
    api.messages = async (...query) => {
      const answer = await read(...query)
      await new Promise<void>((resolve) => clock.after(world.upTo(world.backendMs), resolve))
      return answer
    }
    const ignore = (): void => undefined
    this.client = createClient({
      me: person(name),
      api,
      openSocket: (listener) => this.open(new FakeSocket(listener)),
      clock,
      random: () => 0,
      storage: new FakeStorage(),
      showChat: ignore,
      announce: ignore,
      signedOut: ignore,
    })
    this.client.start()
    void this.client.conversations.open('art')
  }

  get shown(): string[] {
    return this.client.conversations
      .of('art')
      .entries.map((entry) => (entry.kind === 'message' ? entry.text : entry.id))
  }

  /** The connection is over, now and until `reachable` again. */
  cut(): void {
    const { connection } = this
    if (connection === null) return
    this.connection = null
    connection.alive = false
    connection.breaks.forEach((breaks) => breaks())
    connection.socket.listener.ended()
  }

  hear(envelope: Envelope): void {
    const { connection } = this
    if (connection === null) return
    const at = Math.max(connection.heardUntil, this.world.clock.now() + this.world.upTo(this.world.serviceMs))
    connection.heardUntil = at
    this.later(connection, at, () => connection.socket.receive(envelope))
  }

  private open(socket: FakeSocket): FakeSocket {
    socket.userId = this.name
    const { clock } = this.world
    const connection = { socket, alive: true, breaks: [], busyUntil: 0, heardUntil: 0 }
    socket.stop = () => (connection.alive = false)
    socket.sendToGroup = (group, data) => this.toGroup(connection, group, data)
    socket.sendEvent = (name, data) => this.event(connection, name, data)
    clock.after(50 + this.world.upTo(200), () => {
      if (!connection.alive) return
      if (!this.reachable) {
        socket.listener.ended()
        return
      }
      this.connection = connection
      socket.greet()
      // Signs of life.
      const live = (): void => {
        if (!connection.alive) return
        socket.listener.heard()
        clock.after(2_000, live)
      }
      live()
    })
    return socket
  }

  private later(connection: Connection, at: number, run: () => void): void {
    this.world.clock.after(Math.max(0, at - this.world.clock.now()), () => connection.alive && run())
  }

  private toGroup(connection: Connection, group: string, data: GroupPayload): Promise<void> {
    return this.answered(connection, (answer) => {
      const { clock, pages, serviceMs } = this.world
      clock.after(this.world.upTo(serviceMs), () => {
        // What was on its way when the connection broke has come through or not.
        if (!connection.alive && this.world.random() < 0.5) return
        for (const page of pages) {
          if (page !== this) page.hear({ from: 'group', group, fromUserId: this.name, data })
        }
        answer()
      })
    })
  }

  private event(connection: Connection, name: string, data: unknown): Promise<void> {
    if (name !== 'saveMessage') return settled()
    return this.answered(connection, (answer) => {
      const { clock, backendMs } = this.world
      connection.busyUntil = Math.max(connection.busyUntil, clock.now()) + this.world.upTo(backendMs)
      clock.after(connection.busyUntil - clock.now(), () => {
        if (!connection.alive && this.world.random() < 0.5) return
        const { id, time } = this.world.keep(this.name, data as { id: string; message: string })
        const told = { chatId: 'art', id, time: new Date(time).toISOString() }
        if (connection.alive) connection.socket.tell('messageSaved', told)
        answer()
      })
    })
  }

  /** Resolves with the answer, which comes while the connection lasts. */
  private answered(connection: Connection, send: (answer: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new SendError(false, 'gone'))
      if (!connection.alive || this.connection !== connection) {
        gone()
        return
      }
      connection.breaks.push(gone)
      send(() => connection.alive && resolve())
    })
  }
}
