/** Starting a chat. */
import { textsOf } from '..'

const en = {
  heading: 'New chat',
  who: 'Who can join',
  kinds: {
    public: { name: 'Public', lead: "Anyone who's signed in can find and join it." },
    group: { name: 'Private group', lead: 'Unlisted; people join with your link.' },
  },
  name: 'Name',
  placeholder: 'Lunch, Project Lighthouse, Bird watching…',
  create: 'Create chat',
  missing: 'Give the chat a name first.',
  moderated: "Show messages only after they're saved",
}

const de: typeof en = {
  heading: 'Neuer Chat',
  who: 'Wer beitreten kann',
  kinds: {
    public: { name: 'Öffentlich', lead: 'Alle Angemeldeten können ihn finden und beitreten.' },
    group: { name: 'Private Gruppe', lead: 'Nicht gelistet; Beitritt nur über deinen Link.' },
  },
  name: 'Name',
  placeholder: 'Mittagessen, Projekt Leuchtturm, Vögel beobachten…',
  create: 'Chat anlegen',
  missing: 'Gib dem Chat zuerst einen Namen.',
  moderated: 'Nachrichten erst anzeigen, wenn sie gespeichert sind',
}

export const newChatTexts = textsOf({ en, de })
