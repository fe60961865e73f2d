/** What the backend refuses, in English, by the codes of docs/protocol.md; its own words are made for programmers. */
export const enRefusals = {
  BadRequest: "Chatr can't accept that as it is. Change it and try again.",
  UnknownEvent: 'This page may be out of date. Reload it and try again.',
  NotSignedIn: 'Sign in first.',
  Forbidden: 'You can only do that for yourself.',
  Blocked: "You can't message this person.",
  UnblockFirst: "You've blocked this person. Unblock them first.",
  NotAMember: "You aren't in this chat.",
  NotTheOwner: "Only the chat's owner can do that.",
  NotTheAuthor: "Only the author can do that. The chat's owner can delete it, too.",
  ChatNotFound: "This chat doesn't exist.",
  InviteNotFound: "This link doesn't work anymore. Ask for a new one.",
  UserNotFound: "This person couldn't be found.",
  MessageNotFound: 'This message is no longer available.',
  ChatIdTaken: 'This chat already exists. Try again.',
  MessageIdTaken: 'This message already exists. Write it again.',
  TooManyChats: "You can't be in, or start, any more chats. Leave one first, or delete one you started.",
  TooLarge: "That's more than Chatr can take at once.",
  TooManyConnections: 'Chatr is open in too many tabs. Close one and try again.',
  TooManyReactions: 'No more reactions fit here. Remove one of yours, if you have any.',
  TooManyRequests: 'That was too much at once. Wait a moment, then try again.',
  Internal: 'Something went wrong on our side. Try again in a moment.',
  Unavailable: "Chatr isn't responding right now. Try again in a moment.",
}

/** The words for a code that was made after this page are `other`. */
export const wordsOf = (refusals: Readonly<Record<string, string>>, code: string, other: string): string =>
  Object.hasOwn(refusals, code) ? (refusals[code] ?? other) : other
