/** The list that completes `@names` in a text field: what it offers, which one is chosen, and the keys for it. */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { insertText } from './insertText'
import { completion, mentionQuery, offeredMembers } from '../state/mentionQuery'
import type { Member } from '../wire/model'

export interface MentionList {
  offered: ComputedRef<Member[]>
  active: Ref<number>
  /** To be called when the caret may have moved. */
  caretMoved: () => void
  pick: (member: Member) => void
  /** True when the key was for the list. */
  handledKey: (event: KeyboardEvent) => boolean
  close: () => void
}

export function useMentionList(
  area: Readonly<Ref<HTMLTextAreaElement | null>>,
  text: Readonly<Ref<string>>,
  members: () => Iterable<Member>,
  myId: string,
  picked: (at: number, member: Member) => void,
): MentionList {
  const caret = ref(0)
  /** Where the `@` stands that nobody wants to complete. */
  const closedAt = ref(-1)
  const active = ref(0)

  const query = computed(() => mentionQuery(text.value, caret.value))
  const offered = computed(() => {
    if (query.value === null || query.value.start === closedAt.value) return []
    return offeredMembers(members(), query.value.query, myId)
  })
  watch(offered, () => (active.value = 0))
  watch(query, (now) => {
    if (now === null) closedAt.value = -1
  })

  function caretMoved(): void {
    caret.value = area.value?.selectionStart ?? 0
  }

  function close(): void {
    closedAt.value = query.value?.start ?? -1
  }

  function pick(member: Member): void {
    if (query.value === null || area.value === null) return
    const { from, to, text: name } = completion(text.value, query.value, member.userName)
    insertText(area.value, from, to, name)
    picked(from, member)
    caretMoved()
    close()
  }

  function handledKey({ key }: KeyboardEvent): boolean {
    const count = offered.value.length
    const member = offered.value[active.value]
    if (member === undefined) return false
    if (key === 'ArrowDown') active.value = (active.value + 1) % count
    else if (key === 'ArrowUp') active.value = (active.value + count - 1) % count
    else if (key === 'Enter' || key === 'Tab') pick(member)
    else if (key === 'Escape') close()
    else return false
    return true
  }

  return { offered, active, caretMoved, pick, handledKey, close }
}
