/** Gives the parts of an open chat what they share: who is who, and what one does to messages. */
import { inject, provide, type InjectionKey } from 'vue'
import type { Called } from '../client/naming'
import type { MentionedName } from '../markdown/mentions'
import type { ChatMessage } from '../state/conversation'

/** What stands for a message that another one answers. `gone` is sure; what is not loaded may only be further up. */
export type Quoted = { kind: 'here'; message: ChatMessage } | { kind: 'gone' } | { kind: 'notLoaded' }

export interface OpenChat {
  myId: string
  /** Whether this device has something to point with. */
  canPoint: boolean
  called(userId: string, nameInHistory?: string): Called
  /** The same for a sentence. */
  wordsFor(userId: string, nameInHistory?: string): string
  namesIn(message: ChatMessage): MentionedName[]
  quoted(id: string): Quoted
  mayDelete(message: ChatMessage): boolean
  retry(message: ChatMessage): void
  /** Takes away a message that was not sent. */
  discard(message: ChatMessage): void
  reply(message: ChatMessage): void
  edit(message: ChatMessage): void
  askDelete(message: ChatMessage): void
  pickReaction(message: ChatMessage): void
  /** Puts one's own emoji to a message, or takes it away if it is there. */
  toggleReaction(message: ChatMessage, emoji: string): void
  copy(message: ChatMessage): void
  jumpTo(id: string): void
  /** The address of a message, for whoever opens it elsewhere. */
  addressOf(id: string): string
  /** Makes a row higher or lower while its upper edge stays where it is. */
  inPlace(change: () => void): void
}

const key: InjectionKey<OpenChat> = Symbol('open chat')

export function provideOpenChat(chat: OpenChat): void {
  provide(key, chat)
}

export function useOpenChat(): OpenChat {
  const chat = inject(key)
  if (chat === undefined) throw new Error('useOpenChat works only below MessageList.vue.')
  return chat
}
