/** The notices (toasts) that are up. A new one like one that is up replaces it; only the newest few stay. */

export interface Notice {
  id: number
  text: string
  tone: 'info' | 'problem'
  /** What to tell whoever runs Chatr, so that they find the cause; empty when there is nothing to find. */
  reference: string
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
  state.lastId += 1
  const others = state.up.filter((notice) => notice.text !== text)
  state.up = [...others, { id: state.lastId, text, tone, reference }].slice(-mostAtOnce)
}

export function dismiss(state: NoticesState, id: number): void {
  state.up = state.up.filter((notice) => notice.id !== id)
}
