/** What the text field of a chat holds, the next message or other words for one that is there, and what becomes of it. */
import { computed, type ComputedRef, type Ref, type WritableComputedRef } from 'vue'
import { useClient } from './useClient'
import { charactersIn, shows, tidy } from '../state/composing'
import { lastOwn, messageIn, type ChatMessage, type Conversation } from '../state/conversation'
import type { Edit, Written } from '../state/draft'
import { mentionedAfter, mentionedIn } from '../state/mentions'
import { moved, withPick } from '../state/picks'
import { notify } from '../state/notices'
import { texts } from '../texts'
import { messageCharacters } from '../wire/limits'
import type { Chat, Member } from '../wire/model'

export interface Writing {
  text: WritableComputedRef<string>
  editing: ComputedRef<Edit | null>
  /** What the message that is changed says by now, where that is not what it said when one began. */
  saysNow: ComputedRef<string | null>
  /** The message that the next one answers. */
  answered: ComputedRef<ChatMessage | null>
  /** How many more characters there may be. */
  left: ComputedRef<number>
  sendable: ComputedRef<boolean>
  /** Somebody was picked for the name that begins here. */
  picked: (at: number, member: Member) => void
  submit: () => void
  /** Leaves what one is at, an edit or an answer. */
  stop: () => void
  /** True when there is a message to change, and the field is free. */
  editLast: () => boolean
}

export function useWriting(chat: () => Chat, area: Readonly<Ref<HTMLTextAreaElement | null>>): Writing {
  const client = useClient()
  const { state, drafts, edits } = client
  const id = computed(() => chat().id)
  const conversation = computed<Conversation>(() => client.conversations.of(id.value))
  const draft = computed(() => drafts.of(id.value))
  const editing = computed(() => edits.current(id.value))
  const written = computed<Written>(() => editing.value ?? draft.value)

  const text = computed({
    get: () => written.value.text,
    set(value) {
      const { text: before, picked = [] } = written.value
      write({ text: value, picked: moved(picked, before, value, area.value?.selectionStart ?? value.length) })
    },
  })
  const sendableText = computed(() => tidy(text.value))
  const left = computed(() => messageCharacters - charactersIn(sendableText.value))
  const sendable = computed(() => shows(sendableText.value) && left.value >= 0)
  const answered = computed(() => {
    const { replyTo } = draft.value
    return replyTo === undefined ? null : (messageIn(conversation.value, replyTo) ?? null)
  })
  const saysNow = computed(() => {
    const edit = editing.value
    const message = edit === null || edit.gone ? undefined : messageIn(conversation.value, edit.id)
    if (message === undefined || edit === null) return null
    return [edit.was, tidy(edit.text)].includes(message.text) ? null : message.text
  })

  function write({ text: words, picked = [] }: Written): void {
    if (editing.value) edits.write(id.value, editing.value.id, words, picked)
    else drafts.write(id.value, words, picked)
  }

  function picked(at: number, { userId }: Member): void {
    write({ text: text.value, picked: withPick(written.value.picked ?? [], { at, userId }) })
  }

  // Not in the tidied text, in which the names stand elsewhere.
  const mentions = (): string[] =>
    mentionedIn(text.value, client.membersOf(chat()), written.value.picked ?? [])

  function submit(): void {
    if (!sendable.value) return
    const edit = editing.value
    if (edit === null) send(draft.value.replyTo)
    else if (edit.gone) sendAnew(edit)
    else if (saysNow.value !== null) {
      // Once more, now that one knows, overwrites it.
      edits.overwrite(id.value, edit.id)
      notify(state.notices, texts.chat.changedMeanwhile, 'problem')
    } else saveEdit(edit)
  }

  function send(replyTo: string | undefined): void {
    const mentioned = mentions()
    client.send(id.value, sendableText.value, {
      replyTo,
      mentions: mentioned.length > 0 ? mentioned : undefined,
    })
    drafts.sent(id.value)
  }

  function sendAnew(edit: Edit): void {
    const mentioned = mentions()
    client.send(id.value, sendableText.value, { mentions: mentioned.length > 0 ? mentioned : undefined })
    edits.drop(id.value, edit.id)
  }

  function saveEdit(edit: Edit): void {
    const before = messageIn(conversation.value, edit.id)?.mentions ?? []
    const mentioned = mentionedAfter(mentions(), before, chat())
    const chatId = id.value
    const words = sendableText.value
    void client.attempt(() => edits.save(chatId, edit.id, words, mentioned))
  }

  function stop(): void {
    if (editing.value) edits.drop(id.value, editing.value.id)
    else drafts.reply(id.value, undefined)
    area.value?.focus()
  }

  function editLast(): boolean {
    const last = lastOwn(conversation.value, state.me.userId)
    if (text.value !== '' || editing.value || last === undefined) return false
    client.edit(id.value, last)
    return true
  }

  return { text, editing, saysNow, answered, left, sendable, picked, submit, stop, editLast }
}
