/** Who is typing where, and how often one's own typing is told. Times are milliseconds of any one clock. */

/** Somebody not heard of for this long has stopped typing. */
export const typingExpiresMs = 5_000

/** One's own typing is told at most this often; below the expiry, so that it does not flicker at the others. */
export const typingIntervalMs = 3_000

export interface TypingState {
  /** chat id → user id → when they were last heard typing */
  heardAt: Map<string, Map<string, number>>
  toldAt: Map<string, number>
}

export const nobodyTypes = (): TypingState => ({ heardAt: new Map(), toldAt: new Map() })

export function heardTyping(state: TypingState, chatId: string, userId: string, now: number): void {
  const users = state.heardAt.get(chatId)
  if (users) users.set(userId, now)
  else state.heardAt.set(chatId, new Map([[userId, now]]))
}

/** Their message is there, or they are gone. */
export function stoppedTyping(state: TypingState, chatId: string, userId: string): void {
  state.heardAt.get(chatId)?.delete(userId)
}

export function whoTypes(state: TypingState, chatId: string, now: number): string[] {
  const users = [...(state.heardAt.get(chatId) ?? [])]
  return users.filter(([, heardAt]) => now - heardAt < typingExpiresMs).map(([userId]) => userId)
}

/** Whether to tell the chat now that one types; remembers that it was told. */
export function shouldTellTyping(state: TypingState, chatId: string, now: number): boolean {
  if (now - (state.toldAt.get(chatId) ?? -Infinity) < typingIntervalMs) return false
  state.toldAt.set(chatId, now)
  return true
}

/** One's own message went out: the next key press is news again. */
export function typingIsOver(state: TypingState, chatId: string): void {
  state.toldAt.delete(chatId)
}
