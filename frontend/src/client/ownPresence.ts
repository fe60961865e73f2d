/**
 * Tells the backend that the user is here and whether they are idle. What it could not be told, because the connection
 * was silent just then or storage was away, it is told later: others would see it wrong until the next change.
 */
import type { Clock } from '../clock'
import type { Socket } from '../connection/socket'

const againAfterMs = 5_000

export interface Telling {
  hello(): Promise<void>
  idle(idle: boolean): Promise<void>
  /** What can be sent by now; null while there is no connection. */
  socket(): Socket | null
}

export class OwnPresence {
  private idle = false
  /** The connection that the backend is told of, and what it has heard of it; null before it knows of it. */
  private socket: Socket | null = null
  private heard: boolean | null = null
  private telling = false

  constructor(
    private readonly to: Telling,
    private readonly clock: Clock,
  ) {}

  get isIdle(): boolean {
    return this.idle
  }

  setIdle(idle: boolean): void {
    this.idle = idle
    void this.tell()
  }

  /** Tells what is not known yet, in order, one thing at a time. */
  async tell(): Promise<void> {
    const socket = this.to.socket()
    if (socket === null) return
    if (socket !== this.socket) Object.assign(this, { socket, heard: null, telling: false })
    if (this.telling) return
    this.telling = true
    try {
      while (this.socket === socket && this.heard !== this.idle) await this.tellNext(socket)
      if (this.socket === socket) this.telling = false
    } catch {
      if (this.socket === socket) this.telling = false
      this.clock.after(againAfterMs, () => void (this.to.socket() === socket && this.tell()))
    }
  }

  /** A connection that is new to the backend is not idle. */
  private async tellNext(socket: Socket): Promise<void> {
    const next = this.heard === null ? false : this.idle
    await (this.heard === null ? this.to.hello() : this.to.idle(next))
    if (this.socket === socket) this.heard = next
  }
}
