import { expect, test } from 'vitest'
import * as limits from '../src/wire/limits'
import { de } from '../src/texts/de'
import { en } from '../src/texts/en'
import asyncapi from '../../docs/asyncapi.json'
import openapi from '../../docs/openapi.json'
import protocol from '../../docs/protocol.md?raw'

const sent = asyncapi.components.schemas
const search = openapi.paths['/search'].get.parameters.find(({ name }) => name === 'q')
const page = openapi.paths['/chats/{id}/messages'].get.parameters.find(({ name }) => name === 'limit')

/** The number at this place of docs/protocol.md, for what has no place in a schema. */
const written = (words: RegExp): number => Number(words.exec(protocol)?.[1]?.replace(',', ''))

/** Each limit, as the documentation has it; a limit may be said in several places. */
const documented: Record<keyof typeof limits, unknown[]> = {
  messageCharacters: [
    sent.SaveMessage.properties.message.maxLength,
    sent.EditMessage.properties.message.maxLength,
    sent.GroupMessage.properties.message.maxLength,
  ],
  messageMentions: [
    sent.SaveMessage.properties.mentions.maxItems,
    sent.EditMessage.properties.mentions.anyOf[0]?.maxItems,
    sent.GroupMessage.properties.mentions.maxItems,
  ],
  userNameCharacters: [openapi.components.schemas.GuestName.properties.userName.maxLength],
  chatNameCharacters: [sent.CreateChat.properties.name.maxLength],
  searchCharacters: [search?.schema.maxLength],
  pageMessages: [page?.schema.default],
  maxPageMessages: [page?.schema.maximum],
  listedMembers: [written(/`GET chats`.*each with at most (\d+) members/u)],
  foundPerChat: [written(/at most (\d+) messages per chat/u)],
  countedUnread: [written(/`unread` counts .* (\d+) means more than 99/u)],
}

test.each(Object.entries(documented))('the page knows %s as the documentation has it', (name, values) => {
  expect(values).not.toEqual([])
  for (const value of values) expect(value).toBe(limits[name as keyof typeof limits])
})

test('no part of the page has a limit of its own', () => {
  const sources = import.meta.glob<string>(['../src/**/*.{ts,vue}', '!../src/wire/limits.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  })
  const own = Object.entries(sources).flatMap(([path, source]) =>
    [
      ...source.matchAll(
        /\bmaxlength="\d+"|\blimit(?:: | = )\d+|docs\/protocol\.md[^\n]*\n\s*(?:export )?const \w+ = [\d_]+$/gmu,
      ),
    ].map(([found]) => `${path}: ${found}`),
  )
  expect(own).toEqual([])
})

test('what is counted no further is shown as more than the number before', () => {
  const { countedUnread } = limits
  for (const { lobby, chat, title } of [en, de]) {
    expect(lobby.unreadShort(countedUnread)).toBe(`${countedUnread - 1}+`)
    expect(lobby.unreadShort(countedUnread - 1)).toBe(`${countedUnread - 1}`)
    expect(title(null, countedUnread)).toContain(`(${countedUnread - 1}+)`)
    expect(chat.newMessages(countedUnread)).toContain(`${countedUnread - 1}+`)
    expect(chat.newMessages(countedUnread - 1)).not.toContain('+')
  }
})
