/** Looking for chats, people and messages, in German. */
import type { Texts } from './en'

export const deSearch: Texts['search'] = {
  field: 'Chats und Leute suchen',
  showAll: 'Alle Chats zeigen',
  nothing: 'So heißt weder ein Chat noch eine Person.',
  noChat: 'So heißt kein Chat.',
  messages: (words) => `Nachrichten mit „${words}“ suchen`,
  heading: 'Nachrichten suchen',
  found: (words) => `Nachrichten mit „${words}“`,
  none: 'In deinen Chats wurde nichts gefunden.',
  noneYet: 'Bisher nichts gefunden.',
  more: 'Mehr zeigen',
  moreChats: 'Mehr Chats zeigen',
  loadingChats: 'Wird geladen…',
  searching: 'Wird gesucht…',
  failed: 'Die Suche hat nicht geklappt.',
  back: 'Zurück',
  inChat: (chat) => `Nur in „${chat}“.`,
  inAll: 'In allen deinen Chats suchen',
  moreIn: (chat) => `Mehr in „${chat}“`,
  hint: 'Gib ein, woran du dich erinnerst; jedes Wort muss in der Nachricht stehen.',
  action: 'Suchen',
}
