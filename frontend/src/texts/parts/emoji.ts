/** Choosing an emoji to react with. */
import { textsOf } from '..'

const en = {
  heading: 'React with an emoji',
  search: 'Search emoji',
  group: 'Emoji category',
  nothing: 'No emoji found.',
  loading: 'Loading emoji',
  failed: "Couldn't load the emoji.",
  groups: [
    'Smileys',
    'People',
    'Animals and nature',
    'Food and drink',
    'Travel and places',
    'Activities',
    'Objects',
    'Symbols',
    'Flags',
  ],
}

const de: typeof en = {
  heading: 'Mit einem Emoji reagieren',
  search: 'Emoji suchen',
  group: 'Emoji-Kategorie',
  nothing: 'Kein Emoji gefunden.',
  loading: 'Emojis werden geladen',
  failed: 'Die Emojis konnten nicht geladen werden.',
  groups: [
    'Smileys',
    'Personen',
    'Tiere und Natur',
    'Essen und Trinken',
    'Reisen und Orte',
    'Aktivitäten',
    'Objekte',
    'Symbole',
    'Flaggen',
  ],
}

export const emojiTexts = textsOf({ en, de })
