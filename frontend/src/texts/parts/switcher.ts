/** Going to a chat by its name. */
import { textsOf } from '..'

const en = {
  heading: 'Go to a chat',
  field: 'Find a chat or person',
}

const de: typeof en = {
  heading: 'Zu einem Chat wechseln',
  field: 'Chat oder Person suchen',
}

export const switcherTexts = textsOf({ en, de })
