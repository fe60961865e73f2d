/** What the backend refuses, in German, by the codes of docs/protocol.md. */
import type { enRefusals } from './enRefusals'

export const deRefusals: typeof enRefusals = {
  BadRequest: 'So kann Chatr das nicht annehmen. Ändere es und versuch es noch einmal.',
  UnknownEvent: 'Diese Seite ist vielleicht veraltet. Lade sie neu und versuch es noch einmal.',
  NotSignedIn: 'Melde dich zuerst an.',
  Forbidden: 'Das darfst du nur für dich selbst tun.',
  Blocked: 'Dieser Person kannst du nicht schreiben.',
  UnblockFirst: 'Du hast diese Person blockiert. Hebe zuerst die Blockierung auf.',
  NotAMember: 'Du bist nicht in diesem Chat.',
  NotTheOwner: 'Das darf nur, wer den Chat leitet.',
  NotTheAuthor:
    'Das darf nur, wer die Nachricht geschrieben hat. Löschen darf sie auch, wer den Chat leitet.',
  ChatNotFound: 'Diesen Chat gibt es nicht.',
  InviteNotFound: 'Dieser Link funktioniert nicht mehr. Bitte um einen neuen.',
  UserNotFound: 'Diese Person wurde nicht gefunden.',
  MessageNotFound: 'Diese Nachricht gibt es nicht mehr.',
  ChatIdTaken: 'Diesen Chat gibt es schon. Versuch es noch einmal.',
  MessageIdTaken: 'Diese Nachricht gibt es schon. Schreib sie noch einmal.',
  TooManyChats:
    'Mehr Chats gehen nicht: Du bist schon in zu vielen oder hast zu viele öffentliche angelegt. Verlass einen oder lösche einen eigenen.',
  TooLarge: 'Das ist zu groß für Chatr.',
  TooManyConnections: 'Chatr ist in zu vielen Tabs offen. Schließe einen und versuch es noch einmal.',
  TooManyReactions: 'Mehr Reaktionen passen hier nicht. Entferne eine von deinen, falls du welche hast.',
  TooManyRequests: 'Das war zu viel auf einmal. Warte einen Augenblick und versuch es dann noch einmal.',
  Internal: 'Bei uns ist etwas schiefgegangen. Versuch es gleich noch einmal.',
  Unavailable: 'Chatr antwortet gerade nicht. Versuch es gleich noch einmal.',
}
