/**
 * The part of Markdown that people use in chats, as HTML that is not to be trusted yet: sanitize.ts comes behind. What is
 * not in that part (headings, tables, pictures, HTML) stays there as it was typed. Knows no page.
 */
import { Marked, Tokenizer, type Tokens } from 'marked'

/** Deeper quotes, lists and emphasis are a joke or an attack; they stay as they were typed. */
const deepest = 6

const allowedAddress = /^(?:https?:\/\/|mailto:)/i

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '')

const untouched = (): undefined => undefined

/** One for each text, since it counts how deep it is. */
class ChatTokenizer extends Tokenizer {
  private depth = 0

  override code = untouched
  override heading = untouched
  override lheading = untouched
  override hr = untouched
  override html = untouched
  override def = untouched
  override table = untouched
  override tag = untouched

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return this.deeper(() => super.blockquote(src))
  }

  override list(src: string): Tokens.List | undefined {
    return this.deeper(() => super.list(src))
  }

  override emStrong(src: string, masked: string, before?: string): Tokens.Em | Tokens.Strong | undefined {
    return this.deeper(() => super.emStrong(src, masked, before))
  }

  override del(src: string, masked: string, before?: string): Tokens.Del | undefined {
    return this.deeper(() => super.del(src, masked, before))
  }

  private deeper<Token>(read: () => Token | undefined): Token | undefined {
    if (this.depth >= deepest) return undefined
    this.depth += 1
    try {
      return read()
    } finally {
      this.depth -= 1
    }
  }
}

const chatMarkdown = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // Typed entities are text, too: whoever types &lt; means these four characters.
    text(token) {
      return 'tokens' in token && token.tokens ? this.parser.parseInline(token.tokens) : escaped(token.text)
    },
    br: () => '\n',
    // Lines are shown as they are: one behind a list in a list would be an empty one.
    listitem({ tokens }) {
      return `<li>${this.parser.parse(tokens).trimEnd()}</li>\n`
    },
    image: ({ raw }) => escaped(raw),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code: ({ text }) => `<pre><code>${escaped(text)}</code></pre>\n`,
    link({ href, tokens, raw }) {
      if (!allowedAddress.test(href)) return escaped(raw)
      return `<a href="${escaped(href)}">${this.parser.parseInline(tokens)}</a>`
    },
  },
})

export function markdownToHtml(text: string): string {
  return chatMarkdown.parse(text, { async: false, tokenizer: new ChatTokenizer() })
}
