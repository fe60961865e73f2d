/** The backend's limits that the page has to know. `tests/limits.test.ts` compares them with the documentation. */

/** Characters of a message. */
export const messageCharacters = 4_000
/** People whom one message mentions. */
export const messageMentions = 20
export const userNameCharacters = 50
export const chatNameCharacters = 100
/** Characters of a search. */
export const searchCharacters = 100
/** Messages on a page of the history, unless a request asks for another number. */
export const pageMessages = 50
export const maxPageMessages = 100
/** Members of a chat that a list of chats names; a chat with that many may have more. */
export const listedMembers = 100
/** Messages of one chat on a page of a search in all chats; a chat with that many may have more. */
export const foundPerChat = 25
/** Unread messages are counted up to here: this many means more than one less. */
export const countedUnread = 100
