/** What the backend refuses, in German, by the codes of docs/protocol.md. */
import type { enRefusals } from './enRefusals'

export const deRefusals: typeof enRefusals = {
  BadRequest: 'Damit kann Chatr nichts anfangen. Ändere es und versuch es noch einmal.',
  UnknownEvent: 'Das kennt Chatr nicht. Lade die Seite neu.',
  NotSignedIn: 'Melde dich zuerst an.',
  Forbidden: 'Das darfst du nur für dich selbst tun.',
  Blocked: 'Dieser Person kannst du nicht schreiben.',
  UnblockFirst: 'Du hast diese Person blockiert. Gib sie zuerst frei.',
  NotAMember: 'Du bist nicht in diesem Chat.',
  NotTheOwner: 'Das darf nur, wer den Chat führt.',
  NotTheAuthor: 'Das darf nur, wer die Nachricht geschrieben hat; löschen darf auch, wer den Chat führt.',
  ChatNotFound: 'Diesen Chat gibt es nicht.',
  InviteNotFound: 'Dieser Link führt nirgendwohin. Bitte um einen neuen.',
  UserNotFound: 'Diese Person gibt es hier nicht.',
  MessageNotFound: 'Diese Nachricht gibt es nicht mehr.',
  ChatIdTaken: 'Diesen Chat gibt es schon. Versuch es noch einmal.',
  MessageIdTaken: 'Diese Nachricht gibt es schon. Schreib sie noch einmal.',
  TooManyChats:
    'Mehr Chats gehen nicht: Du bist schon in zu vielen oder hast zu viele öffentliche angelegt. Verlass einen oder lösche einen eigenen.',
  TooLarge: 'Das ist mehr, als Chatr auf einmal annimmt.',
  TooManyConnections: 'Chatr ist in zu vielen Tabs offen. Schließe einen und versuch es noch einmal.',
  TooManyReactions: 'Hier passt keine Reaktion mehr. Nimm eine von deinen weg, falls du welche hast.',
  TooManyRequests: 'Das war zu viel auf einmal. Warte einen Augenblick.',
  Internal: 'Bei uns ist etwas schiefgegangen. Versuch es gleich noch einmal.',
  Unavailable: 'Gerade antwortet etwas nicht. Versuch es gleich noch einmal.',
}
