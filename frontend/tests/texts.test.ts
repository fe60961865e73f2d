import { afterEach, describe, expect, test } from 'vitest'
import { computed } from 'vue'
import { ApiError } from '../src/api'
import { RefusedError } from '../src/connection/requests'
import { dateTimeText, dayText, followTimeZone, fullTimeText, timeText, timeZone } from '../src/dates'
import { locale, speak, texts } from '../src/texts'
import { counting } from '../src/texts/counting'
import { de } from '../src/texts/de'
import { deRefusals } from '../src/texts/deRefusals'
import { en } from '../src/texts/en'
import { enRefusals } from '../src/texts/enRefusals'
import { languageFor, localeFor } from '../src/texts/language'
import asyncapi from '../../docs/asyncapi.json'
import openapi from '../../docs/openapi.json'
import protocol from '../../docs/protocol.md?raw'
import { settled } from './fakes'
import { signedIn } from './signedIn'

afterEach(() => speak('en', ['en']))

test('a chosen language goes before those of the browser', () => {
  expect(languageFor('de', ['en-GB'])).toBe('de')
  expect(languageFor(null, ['fr', 'de-AT', 'en'])).toBe('de')
  expect(languageFor('tlh', ['fr'])).toBe('en')
})

test('dates follow the region of the browser where it speaks the chosen language', () => {
  expect(localeFor('de', ['en-US', 'de-CH'])).toBe('de-CH')
  expect(localeFor('de', ['en-US'])).toBe('de')
})

test('times are written as people of the region write them', async () => {
  const five = new Date(2026, 0, 1, 5, 7).getTime()
  await speak('en', ['en-US'])
  expect(timeText(five)).toMatch(/^5:07\sAM$/u)
  await speak('de', ['de-DE'])
  expect(timeText(five)).toBe('05:07')
})

test('a change of the language reaches what was shown before', async () => {
  const shown = computed(() => [texts.cancel, dayText(0, Date.UTC(2026, 0, 1))])
  expect(shown.value).toEqual(['Cancel', expect.stringContaining('1970')])
  await speak('de', ['de-DE'])
  expect(shown.value[0]).toBe('Abbrechen')
  expect(shown.value[1]).toContain('Januar')
  expect(locale.value).toBe('de-DE')
})

test('the language that was chosen last is spoken, however long another takes to load', async () => {
  const late = speak('de', ['de-DE'])
  await speak('en', ['en-GB'])
  expect(await late).toBe(false)
  expect([texts.cancel, locale.value]).toEqual(['Cancel', 'en-GB'])
})

describe('in another time zone than the page was opened in', () => {
  const before = process.env.TZ
  afterEach(() => {
    process.env.TZ = before
    followTimeZone()
  })

  test('times and days are those of the new one', async () => {
    await speak('en', ['en-GB'])
    process.env.TZ = 'Europe/Berlin'
    followTimeZone()
    const time = Date.UTC(2026, 6, 1, 16, 30)
    const shown = computed(() => [
      timeText(time),
      dayText(time, time + 1),
      dateTimeText(time),
      timeZone.value,
    ])
    expect(shown.value).toEqual(['18:30', 'Today', '1 Jul 2026, 18:30', 'Europe/Berlin'])
    process.env.TZ = 'Asia/Tokyo'
    followTimeZone()
    expect(shown.value).toEqual(['01:30', 'Today', '2 Jul 2026, 01:30', 'Asia/Tokyo'])
    expect(fullTimeText(time)).toContain('2 July')
    expect(dayText(time, Date.UTC(2026, 6, 2, 15))).toBe('Yesterday')
  })
})

test('words follow the number in the language of the page', () => {
  expect(counting('en')(1, { one: 'member', other: 'members' })).toBe('1 member')
  expect(counting('de')(1200, { one: 'Mitglied', other: 'Mitglieder' })).toBe('1.200 Mitglieder')
})

const leaves = (value: object): [string, unknown][] =>
  Object.entries(value).flatMap(([key, part]) =>
    part !== null && typeof part === 'object'
      ? leaves(part as object).map(([path, leaf]): [string, unknown] => [`${key}.${path}`, leaf])
      : [[key, part] as [string, unknown]],
  )

test('no text is missing or empty in any language', () => {
  const names = (catalogue: object): string[] => leaves(catalogue).map(([path]) => path)
  expect(names(de)).toEqual(names(en))
  for (const [path, leaf] of [...leaves(en), ...leaves(de)]) expect(leaf, path).not.toBe('')
})

test('what is loaded later speaks the language of the page, too', async () => {
  const parts = import.meta.glob<Record<string, { value: object }>>('../src/texts/parts/*.ts', {
    eager: true,
  })
  const found = Object.values(parts).flatMap((part) => Object.values(part))
  expect(found.length).toBeGreaterThan(5)
  const said = (): [string, unknown][][] => found.map(({ value }) => leaves(value))
  const english = said()
  await speak('de', ['de'])
  const german = said()
  expect(german.map((part) => part.map(([path]) => path))).toEqual(
    english.map((part) => part.map(([path]) => path)),
  )
  for (const [path, leaf] of [...english, ...german].flat()) expect(leaf, path).not.toBe('')
  for (const [place, part] of german.entries()) expect(part).not.toEqual(english[place])
})

test('whatever the backend can refuse is said in words of the page, in every language', async () => {
  const table = protocol.split(/^## /mu).find((part) => part.startsWith('Errors')) ?? ''
  const codes = [...table.matchAll(/^\| (\w+) \| \d{3} \|/gmu)].map(([, code]) => code)
  expect(codes).toContain('NotTheOwner')
  for (const refusals of [enRefusals, deRefusals]) {
    expect(Object.keys(refusals).toSorted()).toEqual(codes.toSorted())
  }
  expect(texts.refused('NotTheOwner')).toBe("Only the chat's owner can do that.")
  await speak('de', ['de'])
  expect(texts.refused('NotTheOwner')).toBe('Das darf nur, wer den Chat leitet.')
  for (const code of ['NewerThanThisPage', 'constructor', '']) {
    expect(texts.refused(code)).toBe('Das hat nicht geklappt.')
  }
})

/** Every code that a description gives an error, wherever it stands. */
function codesIn(description: unknown): string[] {
  if (description === null || typeof description !== 'object') return []
  const { code } = description as { code?: { enum?: unknown } }
  const here = Array.isArray(code?.enum) ? code.enum.map(String) : []
  return [...here, ...Object.values(description).flatMap(codesIn)]
}

test('every code in the descriptions of the API has its words, in every language', () => {
  const codes = new Set([openapi, asyncapi].flatMap(codesIn))
  expect(codes).toContain('TooManyConnections')
  for (const refusals of [enRefusals, deRefusals]) {
    for (const code of codes) expect(Object.keys(refusals)).toContain(code)
  }
  for (const { signIn } of [en, de]) {
    for (const code of Object.keys(signIn.refused)) expect(codes).toContain(code)
  }
})

test.each(['en', 'de'] as const)(
  'nobody reads what the server says for programmers (%s)',
  async (language) => {
    const raw = 'Raw words of the server.'
    const { client, service } = await signedIn()
    await speak(language, [language])
    const { latest } = service
    const said = new Set<string | null>()
    for (const code of [...Object.keys(enRefusals), 'NewerThanThisPage']) {
      const refused = { event: 'react', id: 'an-id', code, message: raw }
      latest.tell('error', { ...refused, event: 'nobody asked' })
      latest.onEvent = () => latest.tell('error', refused)
      await client.attempt(() => client.actions.react('art', 'an-id', '👍', true))
      await client.attempt(() => Promise.reject(new ApiError(500, code, raw, 'a-call')))
      said.add(client.explained(new ApiError(400, code, raw, 'a-call')))
      said.add(client.explained(new RefusedError(code, raw)))
      for (const { text } of client.state.notices.up) said.add(text)
    }
    expect(said.size).toBeGreaterThan(Object.keys(enRefusals).length)
    for (const words of said) expect(words).not.toMatch(/Raw words|NewerThan/u)
  },
)

test('a message that is refused says why in the language of the page', async () => {
  const { client, service } = await signedIn()
  await speak('de', ['de'])
  const { latest } = service
  latest.onEvent = () =>
    latest.tell('error', { event: 'saveMessage', code: 'NotAMember', message: 'You are not a member.' })
  client.send('art', 'hello')
  await settled()
  await settled()
  const message = client.conversations.of('art').entries.at(-1)
  expect(message).toMatchObject({ sent: { failed: true, reason: 'Du bist nicht in diesem Chat.' } })
  latest.tell('error', { event: 'nobody asked', code: 'Internal', message: 'Something went wrong.' })
  expect(client.state.notices.up.at(-1)?.text).toContain('Bei uns ist etwas schiefgegangen.')
})
