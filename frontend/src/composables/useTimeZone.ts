/** Has the times on the page follow the time zone of the system, as after a flight. */
import { watch } from 'vue'
import { followTimeZone } from '../dates'
import { useNow } from './useNow'

const askEveryMs = 60_000

export function useTimeZone(): void {
  watch(useNow(askEveryMs), followTimeZone)
}
