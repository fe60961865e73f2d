/** Puts theme and language upon the document as they are chosen, or as the system and the browser have them. */
import { onUnmounted, ref, watch, watchEffect } from 'vue'
import type { Preferences } from '../state/preferences'
import { speak } from '../texts'
import { languageFor } from '../texts/language'

export function useAppearance(preferences: Preferences): void {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemIsDark = ref(system.matches)
  const follow = (): void => void (systemIsDark.value = system.matches)
  system.addEventListener('change', follow)
  onUnmounted(() => system.removeEventListener('change', follow))

  const root = document.documentElement
  watchEffect(() => {
    const dark = preferences.theme === 'system' ? systemIsDark.value : preferences.theme === 'dark'
    root.dataset.theme = dark ? 'dark' : 'light'
    const ground = getComputedStyle(root).getPropertyValue('--ground').trim()
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
      meta.content = ground
    }
  })
  const languages = ref(navigator.languages)
  const followBrowser = (): void => void (languages.value = navigator.languages)
  window.addEventListener('languagechange', followBrowser)
  onUnmounted(() => window.removeEventListener('languagechange', followBrowser))
  watch([() => preferences.language, languages], ([chosen, spoken]) => {
    const language = languageFor(chosen, spoken)
    // A language that cannot be loaded now leaves the page as it is.
    speak(language, spoken).then(
      (isSpoken) => {
        if (isSpoken) root.lang = language
      },
      () => undefined,
    )
  })
}
