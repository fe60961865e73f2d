/** What is asked before one signs out, in English. */
import { counting } from './counting'

const counted = counting('en')

export const enSignOut = {
  heading: 'Sign out?',
  guestLead: (name: string): string =>
    `You're here as a guest. Once you sign out, you can't come back as this “${name}” or get your chats back.`,
  lost: (messages: number, drafts: number): string => {
    const both = [
      messages > 0 ? counted(messages, { one: 'unsent message', other: 'unsent messages' }) : '',
      drafts > 0 ? counted(drafts, { one: 'draft', other: 'drafts' }) : '',
    ]
    return `${both.filter(Boolean).join(' and ')} will be lost.`
  },
  confirm: 'Sign out',
}
