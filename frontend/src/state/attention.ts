/** Of which messages the user wants to be told while they look elsewhere. */
import type { Chat } from '../wire/model'

export const attentions = ['all', 'mentions', 'none'] as const
export type Attention = (typeof attentions)[number]

/** A message of somebody else that has just come and is not seen. */
export interface News {
  chat: Chat
  author: string
  text: string
  /** It names the user. */
  mentioned: boolean
}

export function isWanted({ mentioned }: News, attention: Attention): boolean {
  return attention === 'all' || (attention === 'mentions' && mentioned)
}

/** Whether the news is for the user in person, and so worth a word while they are in another chat. */
export const isPersonal = ({ chat, mentioned }: News): boolean => mentioned || chat.kind === 'private'
