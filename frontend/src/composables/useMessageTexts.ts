/** Gives components the texts of messages as the page shows them, which SignedIn.vue provides. */
import { inject, provide, type InjectionKey } from 'vue'
import { systemClock } from '../clock'
import { MessageTexts } from '../markdown/messageTexts'

const key: InjectionKey<MessageTexts> = Symbol('message texts')

export function provideMessageTexts(): MessageTexts {
  const load = () => import('../markdown/format').then(({ createFormat }) => createFormat(window))
  const messageTexts = new MessageTexts(window, load, systemClock)
  provide(key, messageTexts)
  return messageTexts
}

export function useMessageTexts(): MessageTexts {
  const messageTexts = inject(key)
  if (messageTexts === undefined) throw new Error('useMessageTexts works only below SignedIn.vue.')
  return messageTexts
}
