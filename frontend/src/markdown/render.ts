/** A text as HTML that is not to be trusted yet: sanitize.ts comes behind. Knows no page. */
import { Marked, type Tokens } from 'marked'
import { ChatTokenizer } from './tokenizer'

const allowedAddress = /^(?:https?:\/\/|mailto:)/i

/** What people put behind the signs that begin code, and mean no word by. */
const languages = new Set(
  (
    'asm bash bat c c# c++ clj cmake cpp cs csharp css csv dart diff docker dockerfile elixir elm erl fish go graphql groovy ' +
    'h haskell hcl hpp hs html http ini java javascript js json jsonc jsx jl julia kotlin kt latex less lisp lua make ' +
    'makefile markdown md mjs matlab nginx nim nix objc ocaml perl php pl plaintext powershell proto ps1 py python r rb ' +
    'rs ruby rust sass scala scss sh shell sql svelte swift tex text toml ts tsx txt typescript vb vue wasm xml yaml yml zig zsh'
  ).split(' '),
)

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '')

const chatMarkdown = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // Typed entities are text, too: whoever types &lt; means these four characters.
    text(token) {
      return 'tokens' in token && token.tokens ? this.parser.parseInline(token.tokens) : escaped(token.raw)
    },
    br: ({ raw }) => escaped(raw),
    // Lines are shown as they are: one behind a list in a list would be an empty one.
    listitem(item) {
      const words = this.parser.parse(item.tokens).trimEnd()
      // Its first words stand behind its sign, also when they are copied.
      return `<li>${signOf(item)}${words.replace(/^<p>(.*?)<\/p>\n?/su, '$1')}</li>\n`
    },
    image: ({ raw }) => escaped(raw),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code: ({ raw, text }) => `<pre><code>${escaped(titleOf(raw) + text)}</code></pre>\n`,
    link({ href, title, tokens, text, raw }) {
      // A title would be seen by nobody, and so would a link without words.
      if (!allowedAddress.test(href) || title != null || text.trim() === '') return escaped(raw)
      return `<a href="${escaped(href)}">${this.parser.parseInline(tokens)}</a>`
    },
  },
})

/** The sign of an item is a part of its text: a number is what was typed, and "- 5" may be less than nothing. */
function signOf({ raw, task, text }: Tokens.ListItem): string {
  const sign = /^\s*(\S+)/u.exec(raw)?.[1] ?? ''
  if (task && !/\d/u.test(sign)) return ''
  const bullet = text === '' ? sign : sign.replace('*', '•').replace('-', '–')
  return `<span>${escaped(bullet)} </span>`
}

/** What stands in the line that begins code, unless it is the name of a language. */
function titleOf(raw: string): string {
  const title = /^\s*(?:`{3,}|~{3,})([^\n]*)/u.exec(raw)?.[1]?.trim() ?? ''
  return title === '' || languages.has(title.toLowerCase()) ? '' : `${title}\n`
}

export function markdownToHtml(text: string): string {
  return chatMarkdown.parse(text, { async: false, tokenizer: new ChatTokenizer() })
}
