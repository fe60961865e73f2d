/** The answers of the HTTP API, read from unknown input. Routes are those of docs/protocol.md. */
import { fieldsOf, mapOf, textOf } from './json'
import { readChat, readMember, readOwnChat, readStoredMessage, readUser } from './model'
import type { Chat, Member, OwnChat, StoredMessage, User } from './model'

/** One page of a list; `next` is the cursor of the following page, null on the last one. */
export interface Page<T> {
  items: T[]
  next: string | null
}

export interface MessagePage {
  messages: StoredMessage[]
  /** True when there are further messages in the direction that was asked for. */
  more: boolean
}

export function readChatPage(body: unknown): Page<Chat> {
  const fields = fieldsOf(body)
  return { items: mapOf(fields?.chats, readChat), next: textOf(fields?.next) }
}

export function readOwnChatPage(body: unknown): Page<OwnChat> {
  const fields = fieldsOf(body)
  return { items: mapOf(fields?.chats, readOwnChat), next: textOf(fields?.next) }
}

export function readUserPage(body: unknown): Page<User> {
  const fields = fieldsOf(body)
  return { items: mapOf(fields?.users, readUser), next: textOf(fields?.next) }
}

export function readBlockedPage(body: unknown): Page<Member> {
  const fields = fieldsOf(body)
  return { items: mapOf(fields?.users, readMember), next: textOf(fields?.next) }
}

export function readMemberPage(body: unknown): Page<Member> {
  const fields = fieldsOf(body)
  return { items: mapOf(fields?.members, readMember), next: textOf(fields?.next) }
}

export function readMessagePage(body: unknown): MessagePage {
  const fields = fieldsOf(body)
  const listed = Array.isArray(fields?.messages) ? (fields.messages as unknown[]) : []
  const messages = listed.map(readStoredMessage).filter((message) => message !== null)
  return { messages, more: fields?.more === true }
}

export interface Found {
  chatId: string
  message: StoredMessage
}

export function readSearchPage(body: unknown): Page<Found> {
  const fields = fieldsOf(body)
  const listed = Array.isArray(fields?.messages) ? (fields.messages as unknown[]) : []
  const items = listed.map((value) => {
    const chatId = textOf(fieldsOf(value)?.chatId)
    const message = readStoredMessage(value)
    return chatId === null || message === null ? null : { chatId, message }
  })
  return { items: items.filter((item) => item !== null), next: textOf(fields?.next) }
}

export function readAccessUrl(body: unknown): string | null {
  return textOf(fieldsOf(body)?.url)
}

/** The API's error shape, `{"error": {"code", "message"}}`; null when the body has another one. */
export function readErrorBody(body: unknown): { code: string; message: string } | null {
  const error = fieldsOf(fieldsOf(body)?.error)
  const code = textOf(error?.code)
  return code === null ? null : { code, message: textOf(error?.message) ?? code }
}
