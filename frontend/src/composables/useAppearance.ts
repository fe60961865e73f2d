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
  watch(
    () => preferences.language,
    (chosen) => {
      const language = languageFor(chosen, navigator.languages)
      void speak(language, navigator.languages).then(() => (root.lang = language))
    },
  )
}
