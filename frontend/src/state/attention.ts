/** Of which messages the user wants to be told while they look elsewhere. */
import type { Chat } from '../wire/model'

export const attentions = ['all', 'mentions', 'none'] as const
export type Attention = (typeof attentions)[number]

/** A message of somebody else that has just come and is not seen. */
export interface News {
  /** The message's, the same in every tab. */
  id: string
  /** The id that it has on this page, also where it came without one. */
  messageId: string
  chat: Chat
  author: string
  text: string
  /** It names the user. */
  mentioned: boolean
}

/** How the user is told of news. */
export interface Ways {
  sound: boolean
  /** By a notification of the system. */
  system: boolean
  /** By a notice on the page. */
  notice: boolean
}

/** @param hidden whether the page is out of sight. */
export function waysToTell(
  news: News,
  attention: Attention,
  { sound, notifications }: { sound: boolean; notifications: boolean },
  hidden: boolean,
): Ways {
  const wanted = isWanted(news, attention)
  return {
    sound: wanted && sound,
    system: wanted && hidden && notifications,
    notice: wanted && !hidden && isPersonal(news),
  }
}

/** How many of a chat's unread messages are counted outside of it: those of which the user wants to be told. */
export function countedOutside(unread: number, mentions: number, attention: Attention): number {
  if (attention === 'none') return 0
  return attention === 'mentions' ? mentions : unread
}

export function isWanted({ mentioned }: News, attention: Attention): boolean {
  return attention === 'all' || (attention === 'mentions' && mentioned)
}

/** Whether the news is for the user in person, and so worth a word while they are in another chat. */
export const isPersonal = ({ chat, mentioned }: News): boolean => mentioned || chat.kind === 'private'
