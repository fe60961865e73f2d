/**
 * How an open chat is read. It is opened at its first unread message; what has been before the reader's eyes from there
 * on is read, and everything once its end has been.
 */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useClient } from './useClient'
import { useNewDivider } from './useNewDivider'
import { useVisible } from './useVisible'
import { plainEntries, type Conversation } from '../state/conversation'
import { firstUnread, unreadOf } from '../state/unread'

/** What the list of messages does and knows. */
export interface ReadingView {
  /** Whether the end is in sight. */
  following: Readonly<Ref<boolean>>
  /** The first and the last message that are in sight in full. */
  inSight: () => { first: string; last: string } | null
  /** Scrolls to the line "new messages". */
  showNew: () => Promise<void>
  /** Scrolls to the oldest message that is here. */
  toStart: () => void
}

export interface Reading {
  /** The id of the message below the line "new messages". */
  newFrom: ComputedRef<string | undefined>
  /** To be called once the list is there and stands where it is asked for, if anywhere. */
  begin: () => Promise<void>
  /** The reader was taken to a message; what was passed on the way is not read. */
  jumped: () => void
  /** The list may show other messages now. */
  moved: () => void
}

export function useReading(
  chatId: string,
  conversation: ComputedRef<Conversation>,
  view: ReadingView,
): Reading {
  const client = useClient()
  const { unread, me } = client.state
  const visible = useVisible()
  const newFrom = useNewDivider(chatId, conversation)
  const begun = ref(false)
  /** The page is in sight, and the list where its reader left it. */
  const here = ref(visible.value)
  /** The chat could not be loaded so far. */
  let waiting = false
  /** Between what was read and what is in sight, there may be what was never seen. */
  let passedOver = false

  const looking = computed(() => begun.value && here.value && conversation.value.loaded)
  const seeing = computed(() => looking.value && view.following.value)
  const newest = computed(() => conversation.value.entries.at(-1))
  watch([seeing, newest], () => client.see(chatId, seeing.value), { immediate: true })

  async function begin(): Promise<void> {
    // Who was taken to a message begins there.
    if (view.following.value) await goToUnread()
    waiting = !conversation.value.loaded
    if (waiting) return
    begun.value = true
    moved()
  }

  async function goToUnread(): Promise<void> {
    if (!(await client.conversations.loadBackToUnread(chatId))) view.toStart()
    else if (newFrom.value !== undefined) await view.showNew()
  }

  // Its newest messages could not be loaded, and then they could.
  watch(
    () => conversation.value.loaded,
    (loaded) => {
      if (loaded && waiting) void begin()
    },
  )

  watch(visible, async (sees) => {
    // The list follows its end while nobody looks.
    const hasNew = unreadOf(unread, chatId) > 0 && newFrom.value !== undefined
    if (sees && begun.value && view.following.value && hasNew) await view.showNew()
    here.value = visible.value
    moved()
  })

  function jumped(): void {
    passedOver = true
  }

  const placeOf = (id: string): number =>
    plainEntries(conversation.value).findIndex((entry) => entry.id === id)

  function moved(): void {
    if (!looking.value || seeing.value || unreadOf(unread, chatId) === 0) return
    const sight = view.inSight()
    if (sight === null) return
    if (passedOver) {
      const first = firstUnread(unread, chatId, conversation.value, me.userId)
      if (first === undefined || placeOf(sight.first) > placeOf(first)) return
      passedOver = false
    }
    client.readTo(chatId, sight.last)
  }

  return { newFrom, begin, moved, jumped }
}
