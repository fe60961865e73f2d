import { createApp } from 'vue'
import App from './App.vue'
import { preferencesKey } from './composables/usePreferences'
import { keepKeysForInputMethods } from './inputMethod'
import { router } from './router'
import { keptPreferences } from './state/preferences'
import './styles/tokens.css'
import './styles/base.css'
import { speak } from './texts'
import { languageFor } from './texts/language'

async function start(): Promise<void> {
  const preferences = keptPreferences(localStorage)
  const language = languageFor(preferences.language, navigator.languages)
  // A language that cannot be loaded is no reason to show nothing.
  await speak(language, navigator.languages).catch(() => undefined)
  document.documentElement.lang = language
  createApp(App).use(router).provide(preferencesKey, preferences).mount('#app')
}

keepKeysForInputMethods(window)
void start()
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('/sw.js').catch(() => undefined)
}
