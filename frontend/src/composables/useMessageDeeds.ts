/** What the reader of a chat can do to its messages; what needs a dialog is left in refs for the markup. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { useClient } from './useClient'
import type { OpenChat, Quoted } from './useOpenChat'
import { messageIn, type ChatMessage, type Conversation } from '../state/conversation'
import { chatRoute } from '../navigation/routes'
import { notify } from '../state/notices'
import { texts } from '../texts'
import type { Chat } from '../wire/model'

export interface MessageDeeds {
  openChat: OpenChat
  conversation: ComputedRef<Conversation>
  deleting: ShallowRef<ChatMessage | null>
  reactingTo: ShallowRef<ChatMessage | null>
  flashing: Ref<string | null>
  /** Whether a message further up is being looked for. */
  looking: Ref<boolean>
  /** Shows a message, however far up it is, and marks it for a moment; says so when it is not there. */
  jumpTo: (id: string) => Promise<void>
}

const flashMs = 1_600

/** What the list of messages does. */
export interface MessageView {
  /** Scrolls to a message that is loaded. */
  show: (id: string) => Promise<void>
  /** Changes the height of a row. */
  inPlace: (change: () => void) => void
}

export function useMessageDeeds(chat: () => Chat, view: MessageView): MessageDeeds {
  const client = useClient()
  const { naming, state } = client
  const router = useRouter()
  const myId = state.me.userId
  const deleting = shallowRef<ChatMessage | null>(null)
  const reactingTo = shallowRef<ChatMessage | null>(null)
  const flashing = ref<string | null>(null)
  const looking = ref(false)
  let flash: ReturnType<typeof setTimeout> | undefined
  const conversation = computed(() => client.conversations.of(chat().id))

  function quoted(id: string): Quoted {
    const { complete, deleted, loaded } = conversation.value
    const message = messageIn(conversation.value, id)
    if (message) return { kind: 'here', message }
    return { kind: deleted.has(id) || (loaded && complete) ? 'gone' : 'notLoaded' }
  }

  async function jumpTo(id: string): Promise<void> {
    looking.value = true
    const outcome = await client.conversations.loadBackTo(chat().id, id)
    looking.value = false
    if (outcome === 'gone') notify(state.notices, texts.chat.quotedGone)
    // A failed load is told where it failed, with a way to try again.
    if (outcome !== 'here') return
    await view.show(id)
    flashing.value = id
    clearTimeout(flash)
    flash = setTimeout(() => (flashing.value = null), flashMs)
  }

  async function copy({ text }: ChatMessage): Promise<void> {
    // Browsers keep the clipboard from pages that come over plain http.
    const done =
      'clipboard' in navigator &&
      (await navigator.clipboard.writeText(text).then(
        () => true,
        () => false,
      ))
    if (done) notify(state.notices, texts.chat.copied)
    else notify(state.notices, texts.chat.copyFailed, 'problem')
  }

  const openChat: OpenChat = {
    myId,
    canPoint: matchMedia('(hover: hover)').matches,
    called: (userId, nameInHistory) => naming.called(userId, chat(), nameInHistory),
    wordsFor: (userId, nameInHistory) => naming.words(userId, chat(), nameInHistory),
    namesIn: ({ mentions }) =>
      (mentions ?? []).map((userId) => {
        const { name, mark } = naming.called(userId, chat())
        return { name, mark, me: userId === myId }
      }),
    quoted,
    mayDelete: ({ authorId, sent }) => sent.saved && (authorId === myId || chat().owner === myId),
    retry: ({ id }) => client.retry(chat().id, id),
    discard: ({ id }) => client.discard(chat().id, id),
    reply: ({ id }) => client.drafts.reply(chat().id, id),
    edit: (message) => client.edit(chat().id, message),
    askDelete: (message) => (deleting.value = message),
    pickReaction: (message) => (reactingTo.value = message),
    toggleReaction({ id, reactions }, emoji) {
      const on = reactions.get(emoji)?.includes(myId) !== true
      void client.attempt(() => client.actions.react(chat().id, id, emoji, on))
    },
    copy: (message) => void copy(message),
    jumpTo: (id) => void jumpTo(id),
    addressOf: (id) => router.resolve(chatRoute(chat().id, id)).href,
    inPlace: view.inPlace,
  }
  return { openChat, conversation, deleting, reactingTo, flashing, looking, jumpTo }
}
