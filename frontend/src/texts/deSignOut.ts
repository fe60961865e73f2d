/** What is asked before one signs out, in German. */
import { counting } from './counting'
import type { Texts } from './en'

const counted = counting('de')

export const deSignOut: Texts['signOut'] = {
  heading: 'Abmelden?',
  guestLead: (name) =>
    `Du bist als Gast hier. Nach dem Abmelden kannst du nicht als derselbe Gast „${name}“ zurückkommen, und deine Chats sind für dich weg.`,
  lost: (messages, drafts) => {
    const both = [
      messages > 0
        ? counted(messages, { one: 'nicht gesendete Nachricht', other: 'nicht gesendete Nachrichten' })
        : '',
      drafts > 0 ? counted(drafts, { one: 'Entwurf', other: 'Entwürfe' }) : '',
    ]
    const verb = messages + drafts === 1 ? 'geht' : 'gehen'
    return `${both.filter(Boolean).join(' und ')} ${verb} verloren.`
  },
  confirm: 'Abmelden',
}
