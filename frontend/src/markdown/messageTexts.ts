/** The texts of messages as nodes for the page. What was made once is kept, since rows come and go while one scrolls. */
import { computed, ref, shallowRef } from 'vue'
import { cut } from '../characters'
import type { Clock } from '../clock'
import { charactersIn } from '../state/composing'
import { messageCharacters } from '../wire/limits'
import type { Format } from './format'
import { markMentions, type MentionedName } from './mentions'
import { wordsIn } from './words'

/** As many as a window of rows has, and again. */
const mostKept = 800
/**
 * What reads Markdown takes longer the more marks wait for another, by their square; so many are an attack, and a screen
 * full of such messages would be felt.
 */
const mostMarks = 800
const marks = /[*_~`<>[\]]|^\s*(?:[-+]|\d+[.)])\s/gmu
/** Without one of these, which are marks, addresses and beginnings of lists, a text is shown as it was typed. */
const mayBeMarkdown = /[*_~`<>[\]\\]|(?:https?|ftp):\/\/|www\.|\S@\S+\.|^\s*(?:[-+]|\d+[.)])(?:\s|$)/imu
/** Of a text that is shown in one line. */
const longestLine = 200
/** Words that look a little odd are better than none. */
const patienceMs = 3_000

/** Whatever longer than the backend keeps a peer sends is shown, but not worked on. */
const isShort = (text: string): boolean =>
  text.length <= 2 * messageCharacters && charactersIn(text) <= messageCharacters

const isToBeFormatted = (text: string): boolean =>
  isShort(text) && mayBeMarkdown.test(text) && (text.match(marks)?.length ?? 0) <= mostMarks

export class MessageTexts {
  private readonly kept = new Map<string, DocumentFragment>()

  /** Turns true once: texts that were given as they were typed can be had formatted now. */
  readonly ready = computed(() => this.format.value !== null)
  /** Whether texts wait for their format out of sight. */
  private readonly patient = ref(true)
  private readonly format = shallowRef<Format | null>(null)
  private loading: Promise<void> | null = null

  /** @param load fetches what formats; nobody waits for it who reads plain words. */
  constructor(
    private readonly window: Window & typeof globalThis,
    private readonly load: () => Promise<Format>,
    private readonly clock: Pick<Clock, 'after'>,
  ) {}

  /** Whether this text is better not seen yet, since it will look different in a moment. */
  waits(text: string): boolean {
    return !this.ready.value && this.patient.value && isToBeFormatted(text)
  }

  /** Resolves when texts are formatted; a failed load is tried again by the next text that needs it. */
  prepare(): Promise<void> {
    this.loading ??= this.loadFormat()
    return this.loading
  }

  private async loadFormat(): Promise<void> {
    const cancel = this.clock.after(patienceMs, () => (this.patient.value = false))
    try {
      const format = await this.load()
      this.kept.clear()
      this.format.value = format
    } catch {
      this.patient.value = false
      this.loading = null
    }
    cancel()
  }

  /** Fresh nodes for a message; the caller may do with them what it likes. */
  nodes(text: string, names: readonly MentionedName[]): DocumentFragment {
    const key = JSON.stringify([text, names])
    const made = this.kept.get(key) ?? this.make(text, names)
    // The one used last goes last.
    this.kept.delete(key)
    this.kept.set(key, made)
    if (this.kept.size > mostKept) this.kept.delete(this.kept.keys().next().value ?? key)
    return made.cloneNode(true) as DocumentFragment
  }

  /** What one reads of a text, without its format; what is computed from it follows when `ready`. */
  words(text: string): string {
    return wordsIn(this.formatted(text)).trim()
  }

  /** Its beginning, for a place that has one line. */
  line(text: string, longest = longestLine): string {
    return cut(this.words(text), longest)
  }

  /** The same for a place that is written once: what formats is waited for, though not long. */
  async lineInTime(text: string, longest?: number): Promise<string> {
    if (this.waits(text)) {
      const late = new Promise<void>((resolve) => this.clock.after(patienceMs, resolve))
      await Promise.race([this.prepare(), late])
    }
    return this.line(text, longest)
  }

  private make(text: string, names: readonly MentionedName[]): DocumentFragment {
    const fragment = this.formatted(text)
    markMentions(fragment, names)
    return fragment
  }

  private formatted(text: string): DocumentFragment {
    if (!isToBeFormatted(text)) return this.plain(text)
    const format = this.format.value
    if (format === null) {
      void this.prepare()
      return this.plain(text)
    }
    try {
      const fragment = format(text)
      // Of a text that is nothing but marks nothing might be left to see.
      return fragment.textContent.trim() === '' ? this.plain(text) : fragment
    } catch {
      return this.plain(text)
    }
  }

  private plain(text: string): DocumentFragment {
    const { document } = this.window
    const paragraph = document.createElement('p')
    paragraph.textContent = text
    const fragment = document.createDocumentFragment()
    fragment.append(paragraph)
    return fragment
  }
}
