import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import './styles/tokens.css'
import './styles/base.css'
import { speak } from './texts'
import { languageFor } from './texts/language'

async function start(): Promise<void> {
  const language = languageFor(localStorage.getItem('chatr.language'), navigator.languages)
  // A language that cannot be loaded is no reason to show nothing.
  await speak(language, navigator.languages).catch(() => undefined)
  document.documentElement.lang = language
  createApp(App).use(router).mount('#app')
}

void start()
