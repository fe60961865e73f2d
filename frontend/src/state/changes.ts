/** What becomes of messages that are here: another text, their end, reactions. Applying a change twice changes nothing. */
import type { BackendEvent } from '../wire/events'
import type { Reactions } from '../wire/model'
import { messageIn, plainEntries, type Conversation } from './conversation'

export type MessageChange = Extract<BackendEvent, { kind: 'messageEdited' | 'messageDeleted' | 'reaction' }>

export function applyChange(conversation: Conversation, change: MessageChange): void {
  if (change.kind === 'messageDeleted') {
    conversation.deleted.add(change.id)
    conversation.entries = plainEntries(conversation).filter(({ id }) => id !== change.id)
    return
  }
  const message = messageIn(conversation, change.id)
  if (message === undefined) return
  if (change.kind === 'reaction') react(message.reactions, change)
  // Of two edits, the later one counts, whichever arrives last.
  else if (change.editedAt >= (message.editedAt ?? 0)) {
    message.text = change.message
    message.mentions = change.mentions
    message.editedAt = change.editedAt
  }
}

function react(
  reactions: Reactions,
  { emoji, userId, on }: Extract<MessageChange, { kind: 'reaction' }>,
): void {
  const others = (reactions.get(emoji) ?? []).filter((id) => id !== userId)
  if (on && reactions.get(emoji)?.includes(userId) === true) return
  const users = on ? [...others, userId] : others
  if (users.length > 0) reactions.set(emoji, users)
  else reactions.delete(emoji)
}
