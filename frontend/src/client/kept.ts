/** What this browser keeps of the user: drafts, unsent messages, and the list of their chats. */
import type { Drafts } from './drafts'
import type { RememberedChats } from './rememberedChats'
import type { ClientState } from './state'
import type { UnsentMessages } from './unsentMessages'

export interface Kept {
  /** Keeps at once what would be kept soon: the page may end now. */
  flush(): void
  /** How much was written and not sent. */
  unsent(): { messages: number; drafts: number }
  /** The user signs out: nothing of theirs stays in this browser. */
  forget(): void
  /** The page goes while its tab stays, and somebody else may sign in there: drafts wait, the list of chats does not. */
  close(): void
}

export const keptOf = (
  state: ClientState,
  drafts: Drafts,
  unsent: UnsentMessages,
  remembered: RememberedChats,
): Kept => ({
  flush() {
    drafts.flush()
    unsent.keep(state.conversations)
    if (state.directoryLoaded) remembered.keep(state.chats.all.values(), state.conversations)
  },
  unsent: () => ({ messages: unsent.count(state.conversations), drafts: drafts.count() }),
  forget() {
    drafts.forget()
    unsent.forget()
    remembered.forget()
  },
  close() {
    drafts.close()
    remembered.forget()
  },
})
