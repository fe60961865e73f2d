/** Blocking somebody's private chats, in German. */
import type { enBlocking } from './enBlocking'

export const deBlocking: typeof enBlocking = {
  more: (name) => `Optionen für ${name}`,
  block: 'Blockieren',
  unblock: 'Blockierung aufheben',
  heading: (name) => `${name} blockieren?`,
  lead: (name) =>
    `${name} kann dir dann nicht mehr schreiben und keinen privaten Chat mit dir öffnen. Davon erfährt diese Person nichts.`,
  blocked: (name) => `Du hast ${name} blockiert.`,
  list: 'Blockierte Personen',
  listLead: 'Sie können dir nicht privat schreiben.',
  nobody: 'Du hast niemanden blockiert.',
  loading: 'Wird geladen…',
}
