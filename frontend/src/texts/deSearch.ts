/** Looking for chats, people and messages, in German. */
import type { Texts } from './en'

export const deSearch: Texts['search'] = {
  field: 'Chats und Leute suchen',
  showAll: 'Alle Chats anzeigen',
  nothing: 'Keine Chats oder Leute gefunden.',
  noChat: 'Keine Chats gefunden.',
  messages: (words) => `Nachrichten mit „${words}“ suchen`,
  heading: 'Nachrichten suchen',
  found: (words) => `Nachrichten mit „${words}“`,
  none: 'In deinen Chats wurden keine Nachrichten gefunden.',
  noneYet: 'Bisher nichts gefunden.',
  more: 'Mehr anzeigen',
  moreChats: 'Mehr Chats anzeigen',
  loadingChats: 'Wird geladen…',
  searching: 'Wird gesucht…',
  failed: 'Bei der Suche ist etwas schiefgegangen.',
  back: 'Zurück',
  inChat: (chat) => `Nur in „${chat}“.`,
  inAll: 'In allen deinen Chats suchen',
  moreIn: (chat) => `Mehr in „${chat}“`,
  hint: 'Gib ein, woran du dich erinnerst; jedes Wort muss in der Nachricht stehen.',
  action: 'Suchen',
}
