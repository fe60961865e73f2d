/**
 * Other words for one's own messages, from when one begins until they are saved. They are kept with the drafts, so
 * that neither another chat, another edit nor a reload loses them, and go only when they are saved or not wanted.
 */
import { RefusedError } from '../connection/requests'
import { messageIn, type ChatMessage } from '../state/conversation'
import { currentEdit, withEdit, withoutEdit, type Edit } from '../state/draft'
import { picksIn } from '../state/mentions'
import type { Pick } from '../state/picks'
import type { Member } from '../wire/model'
import type { Actions } from './actions'
import type { Conversations } from './conversations'
import type { Drafts } from './drafts'
import type { Outbox } from './outbox'

export class Edits {
  constructor(
    private readonly drafts: Drafts,
    private readonly conversations: Conversations,
    private readonly outbox: Outbox,
    private readonly actions: Actions,
  ) {}

  /** The one in the text field of a chat. */
  current(chatId: string): Edit | null {
    return currentEdit(this.drafts.of(chatId))
  }

  /**
   * Begins to change a message, or goes on where one had begun.
   * @param mentioned those of its mentions whose names are known, in their order.
   */
  begin(chatId: string, { id, text }: ChatMessage, mentioned: readonly Member[]): void {
    const draft = this.drafts.of(chatId)
    const begun = draft.edits?.find((edit) => edit.id === id)
    const edit = begun ?? { id, text, was: text, picked: picksIn(text, mentioned) }
    this.drafts.put(chatId, withEdit(draft, { ...edit, saving: undefined }))
  }

  write(chatId: string, id: string, text: string, picked: Pick[]): void {
    this.update(chatId, id, { text, picked })
  }

  /** What is written for this message is not wanted. */
  drop(chatId: string, id: string): void {
    this.drafts.put(chatId, withoutEdit(this.drafts.of(chatId), id))
  }

  /** The message says something else than when one began, and is to be overwritten nevertheless. */
  overwrite(chatId: string, id: string): void {
    const message = messageIn(this.conversations.of(chatId), id)
    if (message) this.update(chatId, id, { was: message.text })
  }

  /**
   * Saves other words, or lets the message that is still to be sent say them. Rejects as actions do; what was written
   * is in the field again then.
   */
  async save(chatId: string, id: string, text: string, mentions: string[]): Promise<void> {
    this.update(chatId, id, { saving: true })
    try {
      const unsent = this.outbox.change(chatId, id, text, mentions)
      if (!unsent) await this.actions.editMessage(chatId, id, text, mentions)
      this.saved(chatId, id, text)
    } catch (error) {
      const gone = error instanceof RefusedError && error.code === 'MessageNotFound'
      this.update(chatId, id, gone ? { saving: undefined, gone } : { saving: undefined })
      throw error
    }
  }

  /** Who went on writing meanwhile changes what is saved now. */
  private saved(chatId: string, id: string, text: string): void {
    const edit = this.drafts.of(chatId).edits?.find((one) => one.id === id)
    if (edit === undefined || edit.saving === true || edit.text === text) this.drop(chatId, id)
    else this.update(chatId, id, { was: text })
  }

  private update(chatId: string, id: string, change: Partial<Edit>): void {
    const draft = this.drafts.of(chatId)
    const edits = draft.edits?.map((edit) => (edit.id === id ? { ...edit, ...change } : edit))
    if (edits) this.drafts.put(chatId, { ...draft, edits })
  }
}
