/** Times as people read them, in the language of their browser. */
import { texts } from './texts'

const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const fullTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })

export const timeText = (time: number): string => clockTime.format(time)

export const fullTimeText = (time: number): string => fullTime.format(time)

/** "Today", "Yesterday", a weekday with its date, or the date with its year when that is another one. */
export function dayText(time: number, now: number): string {
  const that = new Date(time)
  const today = new Date(now)
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (that.toDateString() === today.toDateString()) return texts.chat.today
  if (that.toDateString() === yesterday.toDateString()) return texts.chat.yesterday
  return that.getFullYear() === today.getFullYear() ? day.format(that) : dayAndYear.format(that)
}
