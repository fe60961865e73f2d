/** What pops up and goes by itself, in German. */
import type { Texts } from './en'

export const deNotices: Texts['notices'] = {
  region: 'Hinweise',
  online: (name) => `${name} ist online`,
  chatCreated: (chat, by) => `${by} hat „${chat}“ gestartet`,
  chatDeleted: (chat) => `„${chat}“ wurde gelöscht`,
  privateChat: (name) => `${name} hat einen privaten Chat mit dir geöffnet`,
  removed: (chat) => `Du wurdest aus „${chat}“ entfernt`,
  notConnected: 'Gerade gibt es keine Verbindung. Versuch es gleich noch einmal.',
  loadFailed: 'Nicht alles konnte geladen werden. Neuer Versuch läuft…',
  unexpected: 'Etwas ist schiefgegangen. Versuch es gleich noch einmal.',
  nowhere: (text) => `Du bist nicht mehr in diesem Chat. Nicht gesendet: „${text}“`,
  unkept: {
    blocked:
      'In diesem Browser darf Chatr nichts speichern: Nicht gesendete Nachrichten, Entwürfe und Einstellungen gehen verloren, wenn du die Seite schließt.',
    full: 'In diesem Browser ist für Chatr kein Platz mehr: Nicht gesendete Nachrichten, Entwürfe und Einstellungen können verloren gehen, wenn du die Seite schließt.',
    tooLong: 'Dieser Entwurf ist zu lang zum Speichern: Er geht verloren, wenn du die Seite schließt.',
  },
}
