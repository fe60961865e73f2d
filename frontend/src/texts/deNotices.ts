/** What pops up and goes by itself, in German. */
import type { Texts } from './en'

export const deNotices: Texts['notices'] = {
  region: 'Hinweise',
  online: (name) => `${name} ist da`,
  chatCreated: (chat, by) => `${by} hat „${chat}“ angefangen`,
  chatDeleted: (chat) => `„${chat}“ wurde gelöscht`,
  privateChat: (name) => `${name} hat einen privaten Chat mit dir geöffnet`,
  removed: (chat) => `Du wurdest aus „${chat}“ entfernt`,
  notConnected: 'Das hat nicht geklappt: Es gibt keine Verbindung. Versuch es gleich noch einmal.',
  loadFailed: 'Etwas konnte nicht geladen werden. Wir versuchen es noch einmal…',
  unexpected: 'Das hat nicht geklappt. Versuch es gleich noch einmal.',
  nowhere: (text) => `Du bist nicht mehr in diesem Chat. Nicht gesendet: „${text}“`,
  unkept: {
    blocked:
      'In diesem Browser darf Chatr nichts speichern: Nicht gesendete Nachrichten, Entwürfe und Einstellungen gehen verloren, wenn du die Seite schließt.',
    full: 'In diesem Browser ist für Chatr kein Platz mehr: Nicht gesendete Nachrichten, Entwürfe und Einstellungen können verloren gehen, wenn du die Seite schließt.',
    tooLong: 'Dieser Entwurf ist zu lang zum Speichern: Er geht verloren, wenn du die Seite schließt.',
  },
}
