/** The notices (toasts) that are up. A new one like one that is up replaces it; only the newest few stay. */

export interface Notice {
  id: number
  text: string
  tone: 'info' | 'problem'
  /** What to tell whoever runs Chatr, so that they find the cause; empty when there is nothing to find. */
  reference: string
  /** Where it leads. */
  chatId?: string
  /** The message that it tells of. */
  messageId?: string
}

export interface NoticesState {
  up: Notice[]
  lastId: number
}

const mostAtOnce = 3

export const noNotices = (): NoticesState => ({ up: [], lastId: 0 })

export function notify(
  state: NoticesState,
  text: string,
  tone: Notice['tone'] = 'info',
  reference = '',
): void {
  put(state, { text, tone, reference })
}

/** A notice from which one gets to the chat that it is about, and of a message in it if it tells of one. */
export function notifyOfChat(state: NoticesState, text: string, chatId: string, messageId?: string): void {
  put(state, { text, tone: 'info', reference: '', chatId, messageId })
}

function put(state: NoticesState, notice: Omit<Notice, 'id'>): void {
  state.lastId += 1
  const others = state.up.filter(({ text }) => text !== notice.text)
  state.up = [...others, { id: state.lastId, ...notice }].slice(-mostAtOnce)
}

export function dismiss(state: NoticesState, id: number): void {
  state.up = state.up.filter((notice) => notice.id !== id)
}

/** Whoever is in the chat need not be led there. */
export function dismissOfChat(state: NoticesState, chatId: string): void {
  if (state.up.some((notice) => notice.chatId === chatId))
    state.up = state.up.filter((notice) => notice.chatId !== chatId)
}

/** Of chats and messages that are news no more, nothing is left to tell. */
export function keepNews(
  state: NoticesState,
  isNews: (chatId: string, messageId: string | undefined) => boolean,
): void {
  const isKept = ({ chatId, messageId }: Notice): boolean => chatId === undefined || isNews(chatId, messageId)
  if (!state.up.every(isKept)) state.up = state.up.filter(isKept)
}
