/** Blocking somebody's private chats, in English. */
export const enBlocking = {
  more: (name: string): string => `Options for ${name}`,
  block: 'Block',
  unblock: 'Unblock',
  heading: (name: string): string => `Block ${name}?`,
  lead: (name: string): string =>
    `${name} won't be able to message you or open a private chat with you. They won't be told.`,
  blocked: (name: string): string => `You've blocked ${name}.`,
  list: 'Blocked people',
  listLead: "They can't message you privately.",
  nobody: "You haven't blocked anyone.",
  loading: 'Loading…',
}
