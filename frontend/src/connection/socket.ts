/**
 * What the rest of the page knows of a Web PubSub connection: one logical connection that ends once. The adapter in
 * webPubSubSocket.ts and the fakes of the tests fulfil it.
 */
import type { Envelope, GroupPayload } from '../wire/events'

export interface SocketListener {
  /** The service greeted us as `userId`: a new connection, with no memory of an earlier one. */
  connected(userId: string): void
  /** A sign of life of any kind. */
  heard(): void
  received(envelope: Envelope): void
  /** The connection is over and cannot be recovered. */
  ended(): void
}

export interface Socket {
  start(): Promise<void>
  stop(): void
  /** Whether an ack is due. Until it is there, even a living connection may be silent: the service waits, too. */
  awaitsAck(): boolean
  /** Resolves when the service acknowledged; rejects with SendError. */
  sendEvent(name: string, data: unknown): Promise<void>
  sendToGroup(group: string, data: GroupPayload, wantsAck: boolean): Promise<void>
}

export type OpenSocket = (listener: SocketListener) => Socket

/** Something was not sent. `refused` tells a no of the service from a connection that failed. */
export class SendError extends Error {
  constructor(
    readonly refused: boolean,
    message: string,
  ) {
    super(message)
    this.name = 'SendError'
  }
}
