import { afterEach, describe, expect, test } from 'vitest'
import { computed } from 'vue'
import { dateTimeText, dayText, followTimeZone, fullTimeText, timeText, timeZone } from '../src/dates'
import { locale, speak, texts } from '../src/texts'
import { counting } from '../src/texts/counting'
import { de } from '../src/texts/de'
import { deRefusals } from '../src/texts/deRefusals'
import { en } from '../src/texts/en'
import { enRefusals } from '../src/texts/enRefusals'
import { languageFor, localeFor } from '../src/texts/language'
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

test('whatever the backend can refuse is said in words of the page, in every language', async () => {
  const table = protocol.split(/^## /mu).find((part) => part.startsWith('Errors')) ?? ''
  const codes = [...table.matchAll(/^\| (\w+) \| \d{3} \|/gmu)].map(([, code]) => code)
  expect(codes).toContain('NotTheOwner')
  for (const refusals of [enRefusals, deRefusals]) {
    expect(Object.keys(refusals).toSorted()).toEqual(codes.toSorted())
  }
  expect(texts.refused('NotTheOwner')).toBe('Only the owner of the chat can do that.')
  await speak('de', ['de'])
  expect(texts.refused('NotTheOwner')).toBe('Das darf nur, wer den Chat führt.')
  for (const code of ['NewerThanThisPage', 'constructor', '']) {
    expect(texts.refused(code)).toBe('Das hat Chatr nicht getan.')
  }
})

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
