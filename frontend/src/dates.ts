/** Times as people read them, in the language of the page, the habits of their region and the time zone they are in now. */
import { computed, ref, type Ref } from 'vue'
import { locale, texts } from './texts'

const zoneOfSystem = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone
const zone = ref(zoneOfSystem())
/** Its name. Whoever reads days or hours from a Date reads this, too, and so follows a change. */
export const timeZone: Readonly<Ref<string>> = zone

/** The system tells nobody that its zone has changed: to be asked now and then. */
export function followTimeZone(): void {
  zone.value = zoneOfSystem()
}

/** A format keeps the zone in which it was made: these are made anew in another. */
const formats = computed(() => ({
  zone: zone.value,
  clockTime: new Intl.DateTimeFormat(locale.value, { timeStyle: 'short' }),
  fullTime: new Intl.DateTimeFormat(locale.value, { dateStyle: 'full', timeStyle: 'medium' }),
  dateTime: new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }),
  day: new Intl.DateTimeFormat(locale.value, { weekday: 'long', day: 'numeric', month: 'long' }),
  dayAndYear: new Intl.DateTimeFormat(locale.value, { day: 'numeric', month: 'long', year: 'numeric' }),
}))

export const timeText = (time: number): string => formats.value.clockTime.format(time)

export const fullTimeText = (time: number): string => formats.value.fullTime.format(time)

export const dateText = (time: number): string => formats.value.dayAndYear.format(time)

export const dateTimeText = (time: number): string => formats.value.dateTime.format(time)

/** "Today", "Yesterday", a weekday with its date, or the date with its year when that is another one. */
export function dayText(time: number, now: number): string {
  const that = new Date(time)
  const today = new Date(now)
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (that.toDateString() === today.toDateString()) return texts.chat.today
  if (that.toDateString() === yesterday.toDateString()) return texts.chat.yesterday
  const { day, dayAndYear } = formats.value
  return that.getFullYear() === today.getFullYear() ? day.format(that) : dayAndYear.format(that)
}
