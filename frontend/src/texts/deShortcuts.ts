/** What the keyboard can do, in German. */
import type { Texts } from './en'

export const deShortcuts: Texts['shortcuts'] = {
  heading: 'Tastenkürzel',
  keys: { control: 'Strg', command: '⌘', shift: 'Umschalt', enter: 'Eingabe', escape: 'Esc' },
  switcher: 'Zu einem Chat wechseln',
  search: 'Suchen',
  list: 'Diese Liste anzeigen',
  close: 'Dialog oder Menü schließen',
  send: 'Nachricht senden',
  sendCode: 'Aus einem Codeblock heraus senden',
  newLine: 'Neue Zeile beginnen',
  edit: 'Deine letzte Nachricht bearbeiten',
  newChat: 'Einen Chat starten',
}
