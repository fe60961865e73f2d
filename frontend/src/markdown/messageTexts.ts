/** The texts of messages as nodes for the page. What was made once is kept, since rows come and go while one scrolls. */
import { ref } from 'vue'
import type { Format } from './format'
import { markMentions, type MentionedName } from './mentions'

/** As many as a window of rows has, and again. */
const mostKept = 800
/** The backend keeps 4,000 characters; whatever longer a peer sends is shown, but not worked on. */
const longestFormatted = 20_000
/** Without one of these (or a dot, for addresses) nothing in a text is Markdown. */
const mayBeMarkdown = /[*_~`<>[\]\\.@:+-]|\d\)/

export class MessageTexts {
  private readonly kept = new Map<string, DocumentFragment>()

  /** Turns true once: texts that were given as they were typed can be had formatted now. */
  readonly ready = ref(false)
  private format: Format | null = null
  private loading: Promise<void> | null = null

  /** @param load fetches what formats; nobody waits for it who reads plain words. */
  constructor(
    private readonly window: Window & typeof globalThis,
    private readonly load: () => Promise<Format>,
  ) {}

  /** Resolves when texts are formatted; a failed load is tried again by the next text that needs it. */
  prepare(): Promise<void> {
    this.loading ??= this.load().then(
      (format) => {
        this.format = format
        this.kept.clear()
        this.ready.value = true
      },
      () => (this.loading = null),
    ) as Promise<void>
    return this.loading
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

  private make(text: string, names: readonly MentionedName[]): DocumentFragment {
    const fragment = this.formatted(text)
    markMentions(fragment, names)
    return fragment
  }

  private formatted(text: string): DocumentFragment {
    if (text.length > longestFormatted || !mayBeMarkdown.test(text)) return this.plain(text)
    if (this.format === null) {
      void this.prepare()
      return this.plain(text)
    }
    try {
      const fragment = this.format(text)
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
