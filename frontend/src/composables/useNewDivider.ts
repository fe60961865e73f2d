/** The "new messages" divider stands above the first unread message. It goes when the user writes or leaves the chat. */
import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { useClient } from './useClient'
import { messageIn, plainEntries, type Conversation } from '../state/conversation'
import { sameOrNextOfOthers } from '../state/timeline'
import { firstUnread, unreadOf } from '../state/unread'

export function useNewDivider(
  chatId: string,
  conversation: ComputedRef<Conversation>,
): ComputedRef<string | undefined> {
  const { state } = useClient()
  const myId = state.me.userId
  /** The message below the line, and its time, by which the next is found when it is deleted. */
  const below = shallowRef<{ id: string; time: number }>()
  /** Something is unread that the line does not stand above yet: it may not be here yet. */
  let due = false

  function draw(): void {
    const id = firstUnread(state.unread, chatId, conversation.value, myId)
    const message = id === undefined ? undefined : messageIn(conversation.value, id)
    if (message === undefined) return
    below.value = { id: message.id, time: message.time }
    due = false
  }

  function follow(): void {
    if (below.value === undefined) return
    const entry = sameOrNextOfOthers(plainEntries(conversation.value), below.value, myId)
    below.value = entry && { id: entry.id, time: entry.time }
  }

  const newest = computed(() => conversation.value.entries.at(-1))
  watch(
    [
      () => unreadOf(state.unread, chatId),
      () => conversation.value.entries,
      newest,
      () => conversation.value.complete,
    ] as const,
    ([count], [before]) => {
      // Where all was read, what comes unseen is what is new.
      due = count > 0 && (due || !before)
      follow()
      if (due) draw()
    },
    { immediate: true, flush: 'sync' },
  )
  // Who answers has read it.
  watch(newest, (entry) => {
    if (entry?.kind === 'message' && entry.authorId === myId && !entry.stored) below.value = undefined
  })
  return computed(() => below.value?.id)
}
