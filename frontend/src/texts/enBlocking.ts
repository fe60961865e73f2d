/** Blocking somebody's private chats, in English. */
export const enBlocking = {
  more: (name: string): string => `More about ${name}`,
  block: 'Block',
  unblock: 'Unblock',
  heading: (name: string): string => `Block ${name}?`,
  lead: (name: string): string =>
    `${name} can't write to you any more, or open a private chat with you. They aren't told.`,
  blocked: (name: string): string => `You've blocked ${name}.`,
  list: 'Blocked people',
  listLead: "They can't write to you in private.",
  nobody: "You haven't blocked anybody.",
  loading: 'Loading…',
}
