/**
 * The texts of the page in the language of the day. Reading `texts` in a template, computed or watcher follows a
 * change of the language. English is part of the page; other languages are loaded when they are needed.
 */
import { computed, ref, shallowReactive, type ComputedRef, type Ref } from 'vue'
import { en, type Texts } from './en'
import { localeFor, type Language } from './language'

const loaders: Record<Language, () => Promise<Texts>> = {
  en: () => Promise.resolve(en),
  de: () => import('./de').then(({ de }) => de),
}

export const texts: Texts = shallowReactive({ ...en })

const spoken = ref<Language>('en')
const current = ref('en')
/** What Intl is to be told, such as `de-AT`. */
export const locale: Readonly<Ref<string>> = current

/** Which call of `speak` was the last. */
let asked = 0

/**
 * False when another language was asked for while this one was loaded.
 * @param browsers are the browser's languages as tags.
 */
export async function speak(language: Language, browsers: readonly string[]): Promise<boolean> {
  const turn = ++asked
  const loaded = await loaders[language]()
  if (turn !== asked) return false
  Object.assign(texts, loaded)
  spoken.value = language
  current.value = localeFor(language, browsers)
  return true
}

/** The texts of a part of the page that is loaded when it is needed. They are few: all languages come with it. */
export const textsOf = <T>(catalogues: Record<Language, T>): ComputedRef<T> =>
  computed(() => catalogues[spoken.value])
