import { createApp } from 'vue'
import App from './App.vue'
import { storageOfBrowser } from './browser/browserStorage'
import { browserStorageKey } from './composables/useBrowserStorage'
import { preferencesKey } from './composables/usePreferences'
import { keepKeysForInputMethods } from './keyboard/inputMethod'
import { router } from './router'
import { installServiceWorker } from './browser/serviceWorker'
import { keptPreferences } from './state/preferences'
import './styles/tokens.css'
import './styles/base.css'
import './styles/messageText.css'
import './styles/forcedColors.css'
import './styles/print.css'
import { speak } from './texts'
import { languageFor } from './texts/language'

async function start(): Promise<void> {
  const storage = storageOfBrowser()
  const preferences = keptPreferences(storage)
  const language = languageFor(preferences.language, navigator.languages)
  // A language that cannot be loaded is no reason to show nothing.
  await speak(language, navigator.languages).catch(() => undefined)
  document.documentElement.lang = language
  const app = createApp(App).use(router)
  app.provide(browserStorageKey, storage).provide(preferencesKey, preferences).mount('#app')
}

keepKeysForInputMethods(window)
void start()
if (import.meta.env.PROD) void installServiceWorker()
