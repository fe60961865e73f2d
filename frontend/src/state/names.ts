/**
 * Tells apart what is called alike. Names are not unique, nor need they be; who sees two that look the same is shown a
 * mark beside each, made of the id: the same everywhere, and nothing that one could choose.
 */
import { hashOf } from '../likeness'
import { isAscii, ofAscii, skeletonsOf, type Confusables } from './skeleton'

export interface NamesState {
  /** By skeleton, whose names have it. */
  alike: Map<string, readonly string[]>
  /** Whether all of Unicode's table is here, which only names beyond ASCII need. */
  complete: boolean
}

export const noNames = (): NamesState => ({ alike: new Map(), complete: false })

/** Without those that look like others. */
const digits = '23456789abcdefghjkmnpqrstuvwxyz'
const shortest = 4
const longest = 6
/** Of so many that are called alike all are marked at full length; who comes then need not be remembered. */
const mostAlike = 50

/** Of an id, up to six digits that need not be unique. */
function markOf(id: string): string {
  let rest = hashOf(id)
  let mark = ''
  while (mark.length < longest) {
    mark += digits.charAt(rest % digits.length)
    rest = Math.floor(rest / digits.length)
  }
  return mark
}

export class Names {
  private readonly known = new Set<string>()
  private readonly skeletons = new Map<string, string[]>()
  private waiting: [id: string, name: string][] = []
  private table = ofAscii

  /** @param load fetches the table. */
  constructor(
    private readonly state: NamesState,
    private readonly load: () => Promise<Confusables>,
  ) {}

  /** Somebody of this name is here, or was; it is remembered, so that a mark that is shown stays. */
  learn(id: string, name: string): void {
    const both = `${id}\n${name}`
    if (this.known.has(both)) return
    this.known.add(both)
    if (isAscii(name) || this.state.complete) this.note(id, name)
    else {
      this.waiting.push([id, name])
      if (this.waiting.length === 1) void this.complete()
    }
  }

  /** Whose names one could take for this one. */
  othersLike(id: string, name: string): string[] {
    if (!this.state.complete && !isAscii(name)) return []
    const ids = this.skeletonsOf(name).flatMap((skeleton) => this.state.alike.get(skeleton) ?? [])
    return [...new Set(ids)].filter((other) => other !== id)
  }

  /** What to show beside a name so that it is not taken for another's; empty where there is nobody like that. */
  markOf(id: string, name: string): string {
    const others = this.othersLike(id, name).map(markOf)
    if (others.length === 0) return ''
    const mark = markOf(id)
    let length = shortest
    const isTaken = (): boolean => others.some((other) => other.startsWith(mark.slice(0, length)))
    while (length < longest && (others.length + 1 >= mostAlike || isTaken())) length += 1
    return `#${mark.slice(0, length)}`
  }

  private async complete(): Promise<void> {
    try {
      this.table = await this.load()
    } catch {
      // The next name beyond ASCII tries again.
      this.waiting.forEach(([id, name]) => this.known.delete(`${id}\n${name}`))
      this.waiting = []
      return
    }
    this.skeletons.clear()
    this.waiting.forEach(([id, name]) => this.note(id, name))
    this.waiting = []
    this.state.complete = true
  }

  private note(id: string, name: string): void {
    for (const skeleton of this.skeletonsOf(name)) {
      const ids = this.state.alike.get(skeleton) ?? []
      if (ids.length < mostAlike && !ids.includes(id)) this.state.alike.set(skeleton, [...ids, id])
    }
  }

  private skeletonsOf(name: string): string[] {
    const skeletons = this.skeletons.get(name) ?? skeletonsOf(name, this.table)
    this.skeletons.set(name, skeletons)
    return skeletons
  }
}
