/**
 * The part of Markdown that people use in chats. What is not in it (headings, tables, HTML), and what only happens to look
 * like Markdown (3*4*5, >_<, __init__), stays as it was typed.
 */
import { Tokenizer, type Tokens } from 'marked'
import { addressAtStart, nextAddress } from './addresses'

/** Deeper quotes, lists and emphasis are a joke or an attack; they stay as they were typed. */
const deepest = 6

/** A quote begins with a space behind its signs: >:( is none. */
const quoteBegins = /^ {0,3}>[> ]*(?:[ \t]+\S|\n {0,3}>)/u
const quotedLines = /^(?: {0,3}>[^\n]*(?:\n|$))+/u
/** A line that belongs to no list: neither indented nor with a sign of its own. */
const lineBehindList = /\n(?![ \t\n]|[*+-](?:\s|$)|\d{1,9}[.)](?:\s|$))/u
/** Letters of scripts that put no spaces between words; emphasis may begin behind one. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
const insideWord = /[\p{L}\p{N}\p{M}/\\]/u

const untouched = (): undefined => undefined

/** One for each text, since it counts how deep it is. */
export class ChatTokenizer extends Tokenizer {
  private depth = 0

  override code = untouched
  override heading = untouched
  override lheading = untouched
  override hr = untouched
  override html = untouched
  override def = untouched
  override table = untouched
  override tag = untouched
  override autolink = untouched

  /** Of the lines that are marked as quoted only: what is written below is an answer. */
  override blockquote(src: string): Tokens.Blockquote | undefined {
    const lines = quotedLines.exec(src)?.[0]
    if (lines === undefined || !quoteBegins.test(src)) return undefined
    return this.deeper(() => super.blockquote(lines))
  }

  override list(src: string): Tokens.List | undefined {
    const end = src.search(lineBehindList)
    return this.deeper(() => super.list(end < 0 ? src : src.slice(0, end + 1)))
  }

  override emStrong(src: string, masked: string, before?: string): Tokens.Em | Tokens.Strong | undefined {
    if (!mayOpen(src, masked)) return undefined
    const token = this.deeper(() => super.emStrong(src, masked, before))
    if (token === undefined || /^\p{N}/u.test(src.slice(token.raw.length))) return undefined
    return /^__\w+__$/u.test(token.raw) ? undefined : token
  }

  override del(src: string, masked: string, before?: string): Tokens.Del | undefined {
    if (!mayOpen(src, masked)) return undefined
    const token = this.deeper(() => super.del(src, masked, before))
    const behind = src.charAt(token?.raw.length ?? 0)
    // From 5~10 to 6~8.
    return token && !src.startsWith('~~') && insideWord.test(behind) ? undefined : token
  }

  /** A backslash takes its meaning from the sign behind it, and is still to be seen: C:\_temp, ¯\_(ツ)_/¯. */
  override escape(src: string): Tokens.Escape | undefined {
    const token = super.escape(src)
    return token && { ...token, text: token.raw }
  }

  override url(src: string): Tokens.Link | undefined {
    const found = addressAtStart(src)
    if (found === null) return undefined
    const { text, href } = found
    return { type: 'link', raw: text, text, href, title: null, tokens: [{ type: 'text', raw: text, text }] }
  }

  /** Also ends where an address begins that the library would not see: „www.example.org“, müller@example.org. */
  override inlineText(src: string): Tokens.Text | undefined {
    const token = super.inlineText(src)
    if (token === undefined) return undefined
    const raw = src.slice(0, nextAddress(src, token.raw.length))
    return { ...token, raw, text: raw }
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

/** Whether signs are no multiplication, path or range, and no rest of signs that were none already. */
function mayOpen(src: string, masked: string): boolean {
  const before = Array.from(masked.slice(0, masked.length - src.length).slice(-2)).at(-1) ?? ''
  return before !== src.charAt(0) && (!insideWord.test(before) || unspaced.test(before))
}
