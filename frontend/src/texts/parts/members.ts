/** Who is in a chat. */
import { textsOf } from '..'

const en = {
  filter: 'Find a member',
  nobody: 'No members found.',
  loading: 'Loading more members…',
  remove: (name: string): string => `Remove ${name}`,
  removeHeading: (name: string): string => `Remove ${name}?`,
  removeFromGroup: "They'll lose access to the group. Links you've shared will stop working, too.",
  removeFromPublic: 'They can join again, since the chat is public.',
  removeConfirm: 'Remove',
}

const de: typeof en = {
  filter: 'Mitglied suchen',
  nobody: 'Kein Mitglied gefunden.',
  loading: 'Weitere Mitglieder werden geladen…',
  remove: (name) => `${name} entfernen`,
  removeHeading: (name) => `${name} entfernen?`,
  removeFromGroup:
    'Die Person verliert den Zugriff auf die Gruppe. Auch verschickte Links gelten dann nicht mehr.',
  removeFromPublic: 'Die Person kann wieder beitreten, denn der Chat ist öffentlich.',
  removeConfirm: 'Entfernen',
}

export const membersTexts = textsOf({ en, de })
