/**
 * The Socket over @azure/web-pubsub-client with its reliable sub-protocol. The client recovers a broken connection by
 * itself for 30 seconds and then ends; starting anew is connection.ts's business. Nothing here knows chats.
 */
import { SendMessageError, WebPubSubClient, WebPubSubJsonReliableProtocol } from '@azure/web-pubsub-client'
import type { WebPubSubClientProtocol } from '@azure/web-pubsub-client'
import type { Envelope } from '../wire/events'
import { SendError, type OpenSocket, type SocketListener } from './socket'

/** The client tells nobody that it is recovering, so silence has to: pings make a living connection speak. */
export const pingEveryMs = 4_000
const closeAfterSilenceMs = 15_000

/** While the client recovers, its stop() does nothing; asking again until it has ended leaves no connection behind. */
const stopAgainEveryMs = 500

function listeningProtocol(heard: () => void): WebPubSubClientProtocol {
  const protocol = WebPubSubJsonReliableProtocol()
  return {
    name: protocol.name,
    isReliableSubProtocol: protocol.isReliableSubProtocol,
    parseMessages(input) {
      heard()
      return protocol.parseMessages(input)
    },
    writeMessage: (message) => protocol.writeMessage(message),
  }
}

function asSendError(error: unknown): SendError {
  const detail = error instanceof SendMessageError ? error.errorDetail : undefined
  return new SendError(detail !== undefined, detail?.message ?? 'The connection is gone.')
}

/** @param accessUrl gives a fresh address for each new connection. */
export function webPubSubSockets(accessUrl: () => Promise<string>): OpenSocket {
  return (listener: SocketListener) => {
    const client = new WebPubSubClient(
      { getClientAccessUrl: accessUrl },
      {
        protocol: listeningProtocol(() => listener.heard()),
        autoReconnect: false,
        autoRejoinGroups: false,
        keepAliveIntervalInMs: pingEveryMs,
        keepAliveTimeoutInMs: closeAfterSilenceMs,
        messageRetryOptions: { maxRetries: 0 },
      },
    )
    let over = false
    let acksDue = 0
    client.on('connected', ({ userId }) => listener.connected(userId))
    client.on('server-message', ({ message }) => listener.received({ from: 'server', data: message.data }))
    client.on('group-message', ({ message }) => {
      const { group, data } = message
      // Absent when the backend sent it, although the client's type says otherwise.
      const fromUserId = message.fromUserId as string | undefined
      const envelope: Envelope = { from: 'group', group, fromUserId, data }
      listener.received(envelope)
    })
    client.on('stopped', () => {
      over = true
      listener.ended()
    })

    function stopUntilOver(): void {
      if (over) return
      client.stop()
      setTimeout(stopUntilOver, stopAgainEveryMs)
    }

    async function acknowledged(sending: Promise<unknown>): Promise<void> {
      acksDue += 1
      try {
        await sending
      } catch (error) {
        throw asSendError(error)
      } finally {
        acksDue -= 1
      }
    }

    return {
      awaitsAck: () => acksDue > 0,
      start: () =>
        client.start().catch((error: unknown) => {
          over = true
          throw error
        }),
      stop: stopUntilOver,
      async sendEvent(name, data) {
        const type = typeof data === 'string' ? 'text' : 'json'
        await acknowledged(client.sendEvent(name, data as string, type))
      },
      async sendToGroup(group, data, wantsAck) {
        const options = { noEcho: true, fireAndForget: !wantsAck }
        await acknowledged(client.sendToGroup(group, data, 'json', options))
      },
    }
  }
}
