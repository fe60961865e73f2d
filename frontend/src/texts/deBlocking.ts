/** Blocking somebody's private chats, in German. */
import type { enBlocking } from './enBlocking'

export const deBlocking: typeof enBlocking = {
  more: (name) => `Mehr zu ${name}`,
  block: 'Blockieren',
  unblock: 'Freigeben',
  heading: (name) => `${name} blockieren?`,
  lead: (name) =>
    `${name} kann dir dann nicht mehr schreiben und keinen privaten Chat mit dir öffnen. Mitgeteilt wird es nicht.`,
  blocked: (name) => `Du hast ${name} blockiert.`,
  list: 'Blockierte Leute',
  listLead: 'Sie können dir nicht privat schreiben.',
  nobody: 'Du hast niemanden blockiert.',
  loading: 'Wird geladen…',
}
