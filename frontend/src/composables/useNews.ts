/** Tells of messages that have come and are not seen: a notice here, a notification of the system when hidden, a sound. */
import { onMounted, onUnmounted, watch } from 'vue'
import { chime } from '../browser/chime'
import type { Naming } from '../client/naming'
import type { ClientState } from '../client/state'
import { isStillNews, newsDependOn } from '../client/stillNews'
import { systemClock } from '../clock'
import type { MessageTexts } from '../markdown/messageTexts'
import { waysToTell, type News } from '../state/attention'
import { keepNews, notifyOfChat } from '../state/notices'
import { attentionOf, type Preferences } from '../state/preferences'
import { locksOfBrowser, Tabs } from '../browser/tabs'
import { texts } from '../texts'
import { useSystemNotifications } from './useSystemNotifications'
import { useVisible } from './useVisible'

const mostLetters = 120

/** @param client is asked for late: there is none yet when the client is made. */
export function useNews(
  preferences: Preferences,
  messageTexts: MessageTexts,
  client: () => { state: ClientState; naming: Naming },
  showChat: (chatId: string) => void,
): (news: News) => void {
  const state = (): ClientState => client().state
  const tabs = new Tabs(locksOfBrowser(), systemClock)
  const isNews = (chatId: string, messageId?: string): boolean => isStillNews(state(), chatId, messageId)
  const system = useSystemNotifications(preferences, showChat, isNews)
  watch(useVisible(), (visible) => tabs.see(visible), { immediate: true })
  onMounted(() => watch(() => newsDependOn(state()), withdraw, { immediate: true }))
  onUnmounted(() => tabs.see(false))
  return (news) => void tell(news)

  async function tell(news: News): Promise<void> {
    const { id, messageId, chat, author, text } = news
    const ways = waysToTell(news, attentionOf(preferences, chat.id), preferences, document.hidden)
    const { notices } = state()
    const heading =
      chat.kind === 'private' ? author : texts.news.inChat(author, client().naming.titleWords(chat))
    if (!ways.notice && !ways.sound && !ways.system) return
    const body = await messageTexts.lineInTime(text, mostLetters)
    // It may be read or taken back by now.
    if (!isNews(chat.id, messageId)) return
    if (ways.notice) notifyOfChat(notices, `${heading}: ${body}`, chat.id, messageId)
    if (!ways.sound && !ways.system) return
    const ours = (await tabs.tells(id, document.hidden)) && isNews(chat.id, messageId)
    if (ours && ways.sound) chime(window)
    if (ours && ways.system) system.show({ heading, body, chatId: chat.id, messageId })
  }

  function withdraw(): void {
    keepNews(state().notices, isNews)
    // Before, nothing is known of what is unread.
    if (state().directoryLoaded) system.withdraw()
  }
}
