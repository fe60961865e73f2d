/** Tells of messages that have come and are not seen: a notice here, a notification of the system when hidden, a sound. */
import type { ClientState } from '../client/state'
import { isPersonal, isWanted, type News } from '../state/attention'
import { titleOf } from '../state/chats'
import { notify } from '../state/notices'
import { attentionOf, type Preferences } from '../state/preferences'
import { texts } from '../texts'

const mostLetters = 120

/** @param state is asked for late: there is none yet when the client is made. */
export function useNews(
  preferences: Preferences,
  state: () => ClientState,
  showChat: (chatId: string) => void,
): (news: News) => void {
  return (news) => {
    if (!isWanted(news, attentionOf(preferences, news.chat.id))) return
    const { me, notices } = state()
    const title = titleOf(news.chat, me.userId)
    const heading = news.chat.kind === 'private' ? news.author : texts.news.inChat(news.author, title)
    const text = news.text.slice(0, mostLetters)
    if (preferences.sound) chime()
    if (document.hidden) {
      if (preferences.notifications) showSystemNotification(heading, text, news.chat.id, showChat)
    } else if (isPersonal(news)) notify(notices, `${heading}: ${text}`)
  }
}

function showSystemNotification(
  heading: string,
  body: string,
  chatId: string,
  showChat: (id: string) => void,
): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  try {
    // One notification per chat: the newest message takes the place of the one before.
    const notification = new Notification(heading, { body, tag: chatId, icon: '/icons/icon-192.png' })
    notification.onclick = () => {
      window.focus()
      notification.close()
      showChat(chatId)
    }
  } catch {
    // Browsers of phones have the constructor and refuse it.
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
