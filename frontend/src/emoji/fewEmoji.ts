/** Whether a text is nothing but one to three emoji, which are shown large then. */
const picture = '(?:\\p{Emoji_Presentation}|\\p{Emoji}\\uFE0F)\\p{Emoji_Modifier}?'
const emoji = `(?:\\p{Regional_Indicator}{2}|${picture}(?:\\u200D${picture})*)`
const fewEmoji = new RegExp(`^\\s*(?:${emoji}\\s*){1,3}$`, 'u')

export const isFewEmoji = (text: string): boolean => fewEmoji.test(text)
