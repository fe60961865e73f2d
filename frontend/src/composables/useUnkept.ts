/** Tells the user, once for each reason, that something will not outlive the page. */
import { watch } from 'vue'
import type { BrowserStorage } from '../browser/browserStorage'
import { notify, type NoticesState } from '../state/notices'
import { texts } from '../texts'

export function useUnkept({ unkept }: BrowserStorage, notices: NoticesState): void {
  watch(
    () => [...unkept],
    (reasons, told = []) => {
      for (const why of reasons.filter((one) => !told.includes(one)))
        notify(notices, texts.notices.unkept[why])
    },
    { immediate: true },
  )
}
