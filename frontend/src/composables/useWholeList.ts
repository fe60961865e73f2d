/** What is looked for may stand further down than the list of public chats was loaded, and each load of it begins anew. */
import { computed, onUnmounted, watch, type ComputedRef } from 'vue'
import { useClient } from './useClient'

/**
 * Has all public chats loaded while that is wanted.
 * @returns whether chats may still come.
 */
export function useWholeList(wanted: () => boolean): ComputedRef<boolean> {
  const { state, publicChats } = useClient()
  let mounted = true
  onUnmounted(() => (mounted = false))
  watch(
    () => wanted() && state.chats.upTo !== null,
    (isMissing) => isMissing && void publicChats.allWhile(() => mounted && wanted()),
    { immediate: true },
  )
  return computed(() => !state.directoryLoaded || state.chats.upTo !== null)
}
