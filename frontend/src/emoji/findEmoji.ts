/** Which emoji one means by words, the likeliest first. */
import { wordsOf } from '../state/search'
import type { Emoji } from './emojiList'

const mostFound = 120

/**
 * The ones people use most, the most used first, as the Unicode Consortium counted in 2021
 * (https://home.unicode.org/emoji/emoji-frequency/), without their U+FE0F.
 */
const mostUsed = new Map(
  (
    '😂 ❤ 🤣 👍 😭 🙏 😘 🥰 😍 😊 🎉 😁 💕 🥺 😅 🔥 ☺ 🤦 ♥ 🤷 🙄 😆 🤗 😉 🎂 🤔 👏 🙂 😳 🥳 😎 👌 💜 😔 💪 ✨ 💖 👀 😋 😏 ' +
    '😢 👉 💗 😩 💯 🌹 💞 🎈 💙 😃 😡 💐 😜 🙈 🤞 😄 🤤 🙌 🤪 ❣ 😀 💋 💀 👇 💔 😌 💓 🤩 🙃 😬 😱 😴 🤭 😐 🌞 😒 😇 🌸 😈 🎶 ' +
    '✌ 🎊 🥵 😞 💚 ☀ 🖤 💰 😚 👑 🎁 💥 🙋 ☹ 😑 🥴 👈 💩 ✅ 👋 🚀 ☕ 🍺 🍻 🐶 🐱 🍕 🚗'
  )
    .split(' ')
    .map((emoji, place) => [emoji, place]),
)

const use = ({ emoji }: Emoji): number => mostUsed.get(emoji.replaceAll('\uFE0F', '')) ?? mostUsed.size

/** Those that every word of the query is in: the ones called so first, then the ones that begin so, then the others. */
export function findEmoji(list: readonly Emoji[], query: string): Emoji[] {
  const words = wordsOf(query.replace(/^:(\w+):?$/u, '$1').replaceAll('_', ' '))
  const whole = words.join(' ')
  return list
    .filter(({ names, tags }) => words.every((word) => [...names, ...tags].some((one) => one.includes(word))))
    .map((emoji) => ({ emoji, rank: rankOf(emoji, whole, words) }))
    .sort((a, b) => a.rank - b.rank || use(a.emoji) - use(b.emoji))
    .slice(0, mostFound)
    .map(({ emoji }) => emoji)
}

function rankOf(emoji: Emoji, whole: string, words: readonly string[]): number {
  const { names, tags } = emoji
  const isUsed = use(emoji) < mostUsed.size
  if (names.includes(whole)) return 0
  if (tags.includes(whole)) return isUsed && isShortFor(whole, names[0] ?? '') ? 0 : 1
  // Whoever has typed "think" means the thinking face rather than a bubble that has to do with thinking.
  if (names.some((name) => name.startsWith(whole))) return isUsed ? 1 : 2
  const begins = (texts: readonly string[]): boolean =>
    words.every((word) => texts.some((text) => text.startsWith(word) || text.includes(` ${word}`)))
  if (begins(names)) return 3
  return begins([...names, ...tags]) ? 4 : 5
}

/** A red heart is called a heart, and the hand that says OK an OK; a face with rolling eyes is not called eyes. */
function isShortFor(word: string, name: string): boolean {
  const parts = name.split(' ')
  return parts.length === 2 && parts.includes(word)
}
