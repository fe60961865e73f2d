/** What is asked before one signs out. */
import { textsOf } from '..'
import { counting } from '../counting'

const [inEnglish, inGerman] = [counting('en'), counting('de')]

const en = {
  heading: 'Sign out?',
  guestLead: (name: string): string =>
    `You're here as a guest. Once you sign out, you can't come back as this “${name}” or get your chats back.`,
  lost: (messages: number, drafts: number): string => {
    const both = [
      messages > 0 ? inEnglish(messages, { one: 'unsent message', other: 'unsent messages' }) : '',
      drafts > 0 ? inEnglish(drafts, { one: 'draft', other: 'drafts' }) : '',
    ]
    return `${both.filter(Boolean).join(' and ')} will be lost.`
  },
  confirm: 'Sign out',
}

const de: typeof en = {
  heading: 'Abmelden?',
  guestLead: (name) =>
    `Du bist als Gast hier. Nach dem Abmelden kannst du nicht als derselbe Gast „${name}“ zurückkommen, und deine Chats sind für dich weg.`,
  lost: (messages, drafts) => {
    const both = [
      messages > 0
        ? inGerman(messages, { one: 'nicht gesendete Nachricht', other: 'nicht gesendete Nachrichten' })
        : '',
      drafts > 0 ? inGerman(drafts, { one: 'Entwurf', other: 'Entwürfe' }) : '',
    ]
    const verb = messages + drafts === 1 ? 'geht' : 'gehen'
    return `${both.filter(Boolean).join(' und ')} ${verb} verloren.`
  },
  confirm: 'Abmelden',
}

export const signOutTexts = textsOf({ en, de })
