/** What the backend refuses, in English, by the codes of docs/protocol.md; its own words are made for programmers. */
export const enRefusals = {
  BadRequest: "Chatr can't take that as it is. Change it and try again.",
  UnknownEvent: "Chatr doesn't know that. Reload the page.",
  NotSignedIn: 'Sign in first.',
  Forbidden: 'You can do that for yourself only.',
  NotAMember: "You aren't in this chat.",
  NotTheOwner: 'Only the owner of the chat can do that.',
  NotTheAuthor: 'Only its author can do that; the owner of the chat can delete it, too.',
  ChatNotFound: "This chat doesn't exist.",
  InviteNotFound: 'This link leads nowhere any more. Ask for a new one.',
  UserNotFound: "This person isn't here.",
  MessageNotFound: "This message isn't here any more.",
  ChatIdTaken: 'This chat exists already. Try again.',
  MessageIdTaken: 'This message exists already. Write it again.',
  TooManyReactions: 'This message has too many reactions already.',
  TooManyRequests: 'That was too much at once. Wait a moment.',
  Internal: 'Something went wrong on our side. Try again in a moment.',
  Unavailable: "Something doesn't answer right now. Try again in a moment.",
}

/** The words for a code that was made after this page are `other`. */
export const wordsOf = (refusals: Readonly<Record<string, string>>, code: string, other: string): string =>
  Object.hasOwn(refusals, code) ? (refusals[code] ?? other) : other
