/** Tells of messages that have come and are not seen: a notice here, a notification of the system when hidden, a sound. */
import { onUnmounted, watch } from 'vue'
import type { ClientState } from '../client/state'
import { systemClock } from '../clock'
import type { MessageTexts } from '../markdown/messageTexts'
import { waysToTell, type News } from '../state/attention'
import { titleOf } from '../state/chats'
import { notifyOfChat } from '../state/notices'
import { attentionOf, type Preferences } from '../state/preferences'
import { SystemNotifications } from '../systemNotifications'
import { locksOfBrowser, Tabs } from '../tabs'
import { texts } from '../texts'
import { useVisible } from './useVisible'

const mostLetters = 120

/** @param state is asked for late: there is none yet when the client is made. */
export function useNews(
  preferences: Preferences,
  messageTexts: MessageTexts,
  state: () => ClientState,
  showChat: (chatId: string) => void,
): (news: News) => void {
  const system = new SystemNotifications(window, showChat)
  const tabs = new Tabs(locksOfBrowser(), systemClock)
  watch(useVisible(), (visible) => tabs.see(visible), { immediate: true })
  onUnmounted(() => {
    system.close()
    tabs.see(false)
  })
  return (news) => void tell(news)

  async function tell(news: News): Promise<void> {
    const { id, chat, author, text } = news
    const ways = waysToTell(news, attentionOf(preferences, chat.id), preferences, document.hidden)
    const { me, notices } = state()
    const heading = chat.kind === 'private' ? author : texts.news.inChat(author, titleOf(chat, me.userId))
    if (!ways.notice && !ways.sound && !ways.system) return
    const body = await messageTexts.lineInTime(text, mostLetters)
    if (ways.notice) notifyOfChat(notices, `${heading}: ${body}`, chat.id)
    if (!ways.sound && !ways.system) return
    const ours = await tabs.tells(id, document.hidden)
    if (ours && ways.sound) chime()
    if (ours && ways.system) void system.show({ heading, body, chatId: chat.id })
  }
}

/** Two soft notes. */
function chime(): void {
  const context = new AudioContext()
  const loudness = context.createGain()
  loudness.connect(context.destination)
  loudness.gain.setValueAtTime(0.08, context.currentTime)
  loudness.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + 0.5)
  const tone = context.createOscillator()
  tone.connect(loudness)
  tone.frequency.setValueAtTime(660, context.currentTime)
  tone.frequency.setValueAtTime(880, context.currentTime + 0.12)
  tone.onended = () => void context.close()
  tone.start()
  tone.stop(context.currentTime + 0.5)
}
