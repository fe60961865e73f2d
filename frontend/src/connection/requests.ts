/**
 * Which event a refusal belongs to. The backend answers an event it refuses with an `error` event and then with an
 * ordinary ack, so a request has succeeded only when its ack came and no error before it. Knows no socket.
 */
import type { Refusal } from '../wire/events'

/** The backend said no; `code` is one of docs/protocol.md, the message is made for people. */
export class RefusedError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** After so many seconds the same will be taken; undefined when waiting is of no use. */
    readonly retryAfter?: number,
  ) {
    super(message)
    this.name = 'RefusedError'
  }
}

interface Request {
  event: string
  id: string | undefined
  refusal: Refusal | null
}

export class PendingRequests {
  private pending: Request[] = []

  /** Sends by `send`, resolves with its ack, rejects with RefusedError or with what `send` rejected with. */
  async run(event: string, id: string | undefined, send: () => Promise<void>): Promise<void> {
    const request: Request = { event, id, refusal: null }
    this.pending.push(request)
    try {
      await send()
    } finally {
      this.pending.splice(this.pending.indexOf(request), 1)
    }
    const { refusal } = request
    if (refusal) throw new RefusedError(refusal.code, refusal.message, refusal.retryAfter)
  }

  /** Whether such a request has not been answered yet. */
  waits(event: string, id: string): boolean {
    return this.pending.some((request) => request.event === event && request.id === id)
  }

  /** Notes a refusal at the request it answers; false when no request waits for it. */
  refuse(refusal: Refusal): boolean {
    const waiting = this.pending.filter(
      ({ event, refusal: noted }) => event === refusal.event && noted === null,
    )
    const request =
      waiting.find(({ id }) => id !== undefined && id === refusal.id) ??
      // Of an event without an id of our making, or of an error without one, the oldest is meant: they keep their order.
      waiting.find(({ id }) => id === undefined || refusal.id === undefined)
    if (request === undefined) return false
    request.refusal = refusal
    return true
  }
}
