/** What pops up and goes by itself, in English. */
export const enNotices = {
  region: 'Notifications',
  online: (name: string): string => `${name} is online`,
  chatCreated: (chat: string, by: string): string => `${by} started “${chat}”`,
  chatDeleted: (chat: string): string => `“${chat}” was deleted`,
  privateChat: (name: string): string => `${name} opened a private chat with you`,
  removed: (chat: string): string => `You were removed from “${chat}”`,
  notConnected: "There's no connection right now. Try again in a moment.",
  loadFailed: "Couldn't load everything. Trying again…",
  unexpected: 'Something went wrong. Try again in a moment.',
  nowhere: (text: string): string => `You're no longer in that chat. Not sent: “${text}”`,
  unkept: {
    blocked:
      "This browser doesn't let Chatr store anything: unsent messages, drafts and settings are lost when you close the page.",
    full: 'This browser has no room left for Chatr: unsent messages, drafts and settings may be lost when you close the page.',
    tooLong: 'This draft is too long to store: it will be lost when you close the page.',
  },
}
