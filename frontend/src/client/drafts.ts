/**
 * What was typed and not sent, by chat, kept in the browser over reloads for the user who typed it, and the same in
 * all tabs but one in which it is being typed. Bounded: of many drafts the ones touched last are kept, and one that is
 * very long lives only as long as the page.
 */
import type { BrowserStorage } from '../browser/browserStorage'
import type { Clock } from '../clock'
import { isEmpty, readDraft, sentFrom, writtenIn, type Draft } from '../state/draft'
import type { Pick } from '../state/picks'
import { fieldsOf, numberOf, textOf, valueInJson } from '../wire/json'

/** Begins the keys of all drafts: `chatr.draft/<user id>/<chat id>`. */
export const draftsPrefix = 'chatr.draft/'
/** All in one, as pages kept them until 2026. */
const oldKey = 'chatr.drafts'
/** Writing at every key would be felt. */
const writeAfterMs = 300
/** After the last key it is still being typed: no other tab's text takes its place. */
const typedForMs = 2_000
/** Of everybody who uses this browser. */
const mostKept = 50
const longestKept = 50_000

export class Drafts {
  private readonly prefix: string
  /** By chat, when (ms) it was last touched here. */
  private readonly touched = new Map<string, number>()
  private readonly unwritten = new Set<string>()
  /** Those that the browser keeps, as far as is known here. */
  private readonly kept = new Set<string>()
  /** Those with something of another tab that waits until they are not being typed any more. */
  private readonly waiting = new Set<string>()
  private cancel: (() => void) | null = null
  private readonly unfollow: () => void

  /** @param drafts the reactive map of the state, which this fills and changes. */
  constructor(
    private readonly drafts: Map<string, Draft>,
    userId: string,
    private readonly storage: BrowserStorage,
    private readonly clock: Clock,
  ) {
    this.prefix = keyOf(userId, '')
    takeApart(storage, clock.now())
    for (const chatId of this.keptChats()) this.takeOver(chatId)
    this.unfollow = storage.follow((...change) => this.changedElsewhere(...change))
  }

  of(chatId: string): Draft {
    return this.drafts.get(chatId) ?? { text: '' }
  }

  write(chatId: string, text: string, picked?: Pick[]): void {
    this.put(chatId, { ...this.of(chatId), text, picked })
  }

  /** From now on the draft answers this message; or none. */
  reply(chatId: string, replyTo: string | undefined): void {
    this.put(chatId, { ...this.of(chatId), replyTo })
  }

  /** Its message is sent; what is being written to change others stays. */
  sent(chatId: string): void {
    this.put(chatId, sentFrom(this.of(chatId)))
  }

  /** Nothing of it is wanted any more; in other tabs neither. */
  private discard(chatId: string): void {
    this.drafts.delete(chatId)
    this.unwritten.delete(chatId)
    this.kept.delete(chatId)
    this.storage.discard(this.prefix + chatId)
  }

  /** How many messages, and changes of messages, are written and neither sent nor saved. */
  count(): number {
    return [...this.drafts.values()].reduce((sum, draft) => sum + writtenIn(draft), 0)
  }

  /** Writes what waits to be written. */
  flush(): void {
    this.cancel?.()
    this.cancel = null
    if (this.unwritten.size === 0) return
    for (const chatId of this.unwritten) this.keep(chatId)
    this.unwritten.clear()
    this.makeRoom()
  }

  /** Writes what waits, and hears no more of other tabs. */
  close(): void {
    this.flush()
    this.unfollow()
  }

  /** None of this user's stays in this browser. */
  forget(): void {
    for (const chatId of [...this.keptChats(), ...this.drafts.keys()]) this.discard(chatId)
  }

  /** Takes the place of what was written in this chat. */
  put(chatId: string, draft: Draft): void {
    this.touched.set(chatId, this.clock.now())
    if (isEmpty(draft)) {
      this.discard(chatId)
      return
    }
    this.drafts.set(chatId, draft)
    this.writeSoon(chatId)
  }

  private writeSoon(chatId: string): void {
    this.unwritten.add(chatId)
    this.cancel ??= this.clock.after(writeAfterMs, () => this.flush())
  }

  private keep(chatId: string): void {
    const draft = this.of(chatId)
    const value = written(draft, this.touched.get(chatId) ?? 0)
    if (value.length > longestKept) {
      this.storage.unkept.add('tooLong')
      return
    }
    if (this.storage.keep(this.prefix + chatId, value)) this.kept.add(chatId)
  }

  private keptChats(): string[] {
    return this.storage.keys(this.prefix).map((key) => key.slice(this.prefix.length))
  }

  private makeRoom(): void {
    const keys = this.storage.keys(draftsPrefix)
    if (keys.length <= mostKept) return
    const touched = new Map(keys.map((key) => [key, touchedIn(this.storage.read(key))]))
    const oldestFirst = keys.sort((a, b) => (touched.get(a) ?? 0) - (touched.get(b) ?? 0))
    for (const key of oldestFirst.slice(0, -mostKept)) this.storage.remove(key)
  }

  private changedElsewhere(key: string | null, value: string | null, before: string | null): void {
    if (key === null) this.lookAgain()
    // What is removed without having been emptied only made room.
    if (key?.startsWith(this.prefix) !== true || value === null) return
    const chatId = key.slice(this.prefix.length)
    if (value === '') this.discardedElsewhere(chatId, keptDraft(before))
    else this.takeOver(chatId)
  }

  private discardedElsewhere(chatId: string, discarded: Draft | null): void {
    if (this.unwritten.has(chatId) || this.of(chatId).text !== (discarded?.text ?? '')) {
      // More was written here than what was sent there.
      if (this.drafts.has(chatId)) this.writeSoon(chatId)
      return
    }
    this.drafts.delete(chatId)
    this.kept.delete(chatId)
  }

  /** Takes what is kept, once the draft is not being typed here any more. */
  private takeOver(chatId: string): void {
    if (this.unwritten.has(chatId) || this.waiting.has(chatId)) return
    const stillTyped = (this.touched.get(chatId) ?? -Infinity) + typedForMs - this.clock.now()
    if (stillTyped > 0) {
      this.waiting.add(chatId)
      this.clock.after(stillTyped, () => {
        this.waiting.delete(chatId)
        this.takeOver(chatId)
      })
      return
    }
    const value = this.storage.read(this.prefix + chatId)
    const draft = keptDraft(value)
    // What is here and could not be kept is newer.
    if (draft === null || touchedIn(value) < (this.touched.get(chatId) ?? 0)) return
    this.drafts.set(chatId, draft)
    this.kept.add(chatId)
  }

  /** This page slept, and heard of nothing. */
  private lookAgain(): void {
    const now = new Set(this.keptChats())
    for (const chatId of now) this.takeOver(chatId)
    for (const chatId of this.kept) if (!now.has(chatId)) this.drafts.delete(chatId)
  }
}

const keyOf = (userId: string, chatId: string): string =>
  `${draftsPrefix}${encodeURIComponent(userId)}/${chatId}`

const written = (draft: Draft, touched: number): string => JSON.stringify({ ...draft, touched })

const touchedIn = (value: string | null): number => numberOf(fieldsOf(valueInJson(value ?? ''))?.touched) ?? 0

const keptDraft = (value: string | null): Draft | null => readDraft(valueInJson(value ?? ''))

/** What was kept in one piece. */
function takeApart(storage: BrowserStorage, now: number): void {
  const old = storage.read(oldKey)
  if (old === null) return
  // First of all: the room is needed for its parts.
  storage.remove(oldKey)
  const fields = fieldsOf(valueInJson(old))
  const userId = textOf(fields?.userId)
  for (const entry of Array.isArray(fields?.drafts) ? (fields.drafts as unknown[]) : []) {
    const [chatId, draft] = Array.isArray(entry) ? [textOf(entry[0]), readDraft(entry[1])] : [null, null]
    if (userId === null || chatId === null || draft === null) continue
    const key = keyOf(userId, chatId)
    if (storage.read(key) === null) storage.keep(key, written(draft, now))
  }
}
