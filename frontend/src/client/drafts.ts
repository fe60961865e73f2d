/**
 * What was typed and not sent, by chat, kept in the browser over reloads for the user who typed it. Bounded: of many
 * drafts the ones touched last are kept, and one that is very long lives only as long as the page.
 */
import type { Clock } from '../clock'
import { fieldsOf, textOf } from '../wire/json'

export interface Draft {
  text: string
  /** The id of the message that it answers. */
  replyTo?: string
}

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const storageKey = 'chatr.drafts'
/** Writing at every key would be felt. */
const writeAfterMs = 300
const mostKept = 50
const longestKept = 50_000

export class Drafts {
  private cancel: (() => void) | null = null

  /** @param drafts the reactive map of the state, which this fills and changes. */
  constructor(
    private readonly drafts: Map<string, Draft>,
    private readonly userId: string,
    private readonly storage: DraftStorage,
    private readonly clock: Clock,
  ) {
    for (const [chatId, draft] of this.read()) drafts.set(chatId, draft)
  }

  of(chatId: string): Draft {
    return this.drafts.get(chatId) ?? { text: '' }
  }

  write(chatId: string, text: string): void {
    this.put(chatId, { ...this.of(chatId), text })
  }

  /** From now on the draft answers this message; or none. */
  reply(chatId: string, replyTo: string | undefined): void {
    this.put(chatId, { ...this.of(chatId), replyTo })
  }

  discard(chatId: string): void {
    this.drafts.delete(chatId)
    this.writeSoon()
  }

  /** Writes what waits to be written. */
  flush(): void {
    this.cancel?.()
    this.cancel = null
    const kept = [...this.drafts].filter(([, { text }]) => text.length <= longestKept).slice(-mostKept)
    try {
      if (kept.length === 0) this.storage.removeItem(storageKey)
      else this.storage.setItem(storageKey, JSON.stringify({ userId: this.userId, drafts: kept }))
    } catch {
      // A full or forbidden storage costs only that drafts do not outlive the page.
    }
  }

  private put(chatId: string, draft: Draft): void {
    // The one touched last goes last.
    this.drafts.delete(chatId)
    if (draft.text !== '' || draft.replyTo !== undefined) this.drafts.set(chatId, draft)
    this.writeSoon()
  }

  private writeSoon(): void {
    this.cancel ??= this.clock.after(writeAfterMs, () => this.flush())
  }

  private read(): [string, Draft][] {
    try {
      const fields = fieldsOf(JSON.parse(this.storage.getItem(storageKey) ?? 'null'))
      if (fields?.userId !== this.userId || !Array.isArray(fields.drafts)) return []
      return fields.drafts.map(readDraft).filter((draft) => draft !== null)
    } catch {
      return []
    }
  }
}

function readDraft(value: unknown): [string, Draft] | null {
  if (!Array.isArray(value)) return null
  const chatId = textOf(value[0])
  const fields = fieldsOf(value[1])
  const text = textOf(fields?.text)
  if (chatId === null || text === null) return null
  return [chatId, { text, replyTo: textOf(fields?.replyTo) ?? undefined }]
}
