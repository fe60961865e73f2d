/** Which language the page speaks: the one that was chosen, else the first of the browser's that there is. */

export const languages = ['en', 'de'] as const
export type Language = (typeof languages)[number]

const known = (tag: string): Language | undefined =>
  languages.find((language) => tag.toLowerCase().split('-')[0] === language)

/** @param browsers are the browser's languages as tags, the preferred one first. */
export function languageFor(chosen: string | null, browsers: readonly string[]): Language {
  return languages.find((language) => language === chosen) ?? browsers.map(known).find(Boolean) ?? 'en'
}

/** For dates and numbers: the browser's own region, as `en-GB`, where it is of this language. */
export function localeFor(language: Language, browsers: readonly string[]): string {
  return browsers.find((tag) => known(tag) === language) ?? language
}
