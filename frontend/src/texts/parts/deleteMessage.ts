/** Deleting a message. */
import { textsOf } from '..'

const en = {
  heading: 'Delete this message?',
  lead: "It will be deleted for everyone. This can't be undone.",
  confirm: 'Delete message',
}

const de: typeof en = {
  heading: 'Diese Nachricht löschen?',
  lead: 'Sie wird für alle gelöscht. Das lässt sich nicht rückgängig machen.',
  confirm: 'Nachricht löschen',
}

export const deleteMessageTexts = textsOf({ en, de })
