/** What pops up and goes by itself, in English. */
export const enNotices = {
  region: 'Notices',
  online: (name: string): string => `${name} is online`,
  chatCreated: (chat: string, by: string): string => `${by} started “${chat}”`,
  chatDeleted: (chat: string): string => `“${chat}” was deleted`,
  privateChat: (name: string): string => `${name} opened a private chat with you`,
  removed: (chat: string): string => `You were removed from “${chat}”`,
  notConnected: 'That did not work: there is no connection. Try again in a moment.',
  loadFailed: 'Something could not be loaded. Trying again…',
  unexpected: 'That did not work. Try again in a moment.',
  nowhere: (text: string): string => `You are not in that chat any more. Not sent: “${text}”`,
  unkept: {
    blocked:
      "This browser doesn't let Chatr store anything: unsent messages, drafts and settings are lost when you close the page.",
    full: 'This browser has no room left for Chatr: unsent messages, drafts and settings may be lost when you close the page.',
    tooLong: 'This draft is too long to store: it will be lost when you close the page.',
  },
}
