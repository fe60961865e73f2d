/** Where the line "new messages" stands: behind what was read when the chat was opened or last looked at. */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useClient } from './useClient'
import { plainEntries, type Conversation } from '../state/conversation'
import { firstNew, newestOfOthers } from '../state/timeline'
import { unreadOf } from '../state/unread'

/** @param seeing whether the end of the chat is before the reader's eyes. */
export function useNewDivider(
  chatId: string,
  conversation: ComputedRef<Conversation>,
  seeing: Readonly<Ref<boolean>>,
): ComputedRef<string | undefined> {
  const { state } = useClient()
  const myId = state.me.userId
  const unread = unreadOf(state.unread, chatId)
  const readTo = ref(unread > 0 ? state.unread.lastRead.get(chatId) : undefined)
  /** What the count of unread messages says; it knows also what was read here and not yet told to the backend. */
  const counted = ref<string>()
  const newest = computed(() => conversation.value.entries.at(-1))

  watch(
    () => conversation.value.loaded,
    (loaded) => {
      if (loaded && unread > 0) counted.value = newestOfOthers(plainEntries(conversation.value), unread, myId)
    },
    { immediate: true },
  )
  watch(seeing, (sees, saw) => {
    if (saw && !sees) stand(newest.value?.id)
  })
  // Who answers has read it.
  watch(newest, (entry) => {
    if (entry?.kind === 'message' && entry.authorId === myId && !entry.stored) stand(undefined)
  })

  function stand(behind: string | undefined): void {
    counted.value = undefined
    readTo.value = behind
  }
  return computed(() => counted.value ?? firstNew(plainEntries(conversation.value), readTo.value, myId))
}
