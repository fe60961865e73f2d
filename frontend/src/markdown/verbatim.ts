/**
 * Which parts of a text, as it is typed, are code or addresses: letters that stand for themselves, in which nobody is
 * mentioned and Enter begins a new line. Follows what render.ts makes of a text, without the library, which is loaded
 * only when something is to be shown; a test compares them.
 */

/** From the one place in a text up to, not including, the other. */
export interface Span {
  from: number
  to: number
}

interface Fence {
  from: number
  sign: string
  length: number
  /** It stands in a quote and ends with it. */
  quoted: boolean
  /** A line in it ends with what would end it alone in a line; whoever writes so is done. */
  looksClosed: boolean
}

const fenceLine = /^([\s>]*)(?:(?:[-+*]|\d{1,9}[.)])\s+)*(`{3,}(?=[^`]*$)|~{3,})(.*)$/
const beginsBlock = /^\s*(?:[-+*]|\d{1,9}[.)])\s|^\s*>/
/** An address ends where addresses.ts ends it: also at quotation marks, and at punctuation that has no space behind it. */
const address =
  /(?:https?:\/\/|ftp:\/\/|www\.)[^\s<>"`“”„«»‹›。、，；：！？…「」『』【】《》〈〉]+|\[[^\]\n]*\]\((?:https?:\/\/|mailto:)[^\s()]*\)/gi

export const isWithin = (spans: readonly Span[], place: number): boolean =>
  spans.some(({ from, to }) => from <= place && place < to)

/** Code and addresses. */
export function verbatimIn(text: string): Span[] {
  const addresses = [...text.matchAll(address)].map(({ index, 0: found }) => {
    return { from: index, to: index + found.length }
  })
  return [...new Scan(text).code, ...addresses]
}

/** Whether what comes behind this text is code until somebody writes the other ``` or ~~~. */
export const endsInOpenFence = (text: string): boolean => new Scan(text).open

class Scan {
  readonly code: Span[] = []
  readonly open: boolean
  private fence: Fence | null = null
  /** Where the words began whose `code` between backticks is still to be found. */
  private words = 0

  constructor(private readonly text: string) {
    let at = 0
    for (const line of text.split('\n')) {
      this.read(line, at)
      at += line.length + 1
    }
    this.open = this.fence?.looksClosed === false || (!this.fence && this.openRun(text.length) !== undefined)
    if (this.fence) this.code.push({ from: this.fence.from, to: text.length })
    else this.endWords(text.length)
  }

  private read(line: string, at: number): void {
    if (this.fence && this.isInside(line, at, this.fence)) return
    const [, before = '', run = ''] = fenceLine.exec(line) ?? []
    if (run !== '') this.readFence(line, at, run, before.includes('>'))
    else if (this.openRun(at) === undefined && (line.trim() === '' || beginsBlock.test(line))) {
      this.endWords(at)
    }
  }

  /** Whether a line belongs to the fence, and be it as its end. */
  private isInside(line: string, at: number, fence: Fence): boolean {
    const left = fence.quoted && !/^\s*>/.test(line)
    const signs = left ? '' : line.replace(/^[\s>]+/, '').trimEnd()
    const closes = signs.length >= fence.length && signs === fence.sign.repeat(signs.length)
    fence.looksClosed ||= line.trimEnd().endsWith(fence.sign.repeat(fence.length))
    if (!closes && !left) return true
    this.fence = null
    this.words = left ? at : at + line.length
    this.code.push({ from: fence.from, to: this.words })
    return closes
  }

  private readFence(line: string, at: number, run: string, quoted: boolean): void {
    const begun = this.openRun(at)
    if (begun !== undefined && run.startsWith('`') && line.trim() === run) {
      // Begun behind words, in the middle of a line.
      this.endWords(begun)
      this.words = at + line.length
      this.code.push({ from: begun, to: this.words })
      return
    }
    this.endWords(at)
    this.fence = { from: at, sign: run.charAt(0), length: run.length, quoted, looksClosed: false }
  }

  /** Where three backticks or more stand in the words up to here that no others have closed. */
  private openRun(to: number): number | undefined {
    return spansIn(this.text, this.words, to).openRun
  }

  private endWords(to: number): void {
    this.code.push(...spansIn(this.text, this.words, to).spans)
    this.words = to
  }
}

/** Code between runs of backticks that are equally long; a backslash takes the meaning from the one behind it. */
function spansIn(text: string, from: number, to: number): { spans: Span[]; openRun?: number } {
  const words = text.slice(from, to)
  const spans: Span[] = []
  let openRun: number | undefined
  const runs = /\\[\s\S]|`+/g
  for (let run = runs.exec(words); run; run = runs.exec(words)) {
    const [signs] = run
    if (signs.startsWith('\\')) continue
    const closing = new RegExp(`(?<!\`)${signs}(?!\`)`, 'g')
    closing.lastIndex = runs.lastIndex
    if (closing.test(words)) {
      spans.push({ from: from + run.index, to: from + closing.lastIndex })
      runs.lastIndex = closing.lastIndex
    } else if (signs.length > 2) openRun ??= from + run.index
  }
  return { spans, openRun }
}
