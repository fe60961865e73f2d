/** The part of a message around what was looked for, with that marked. */
import { boundaryBefore, characterAt } from '../characters'
import { folded } from '../folding'
import { wordsOf } from './search'

export interface Part {
  text: string
  hit: boolean
}

interface Place {
  from: number
  to: number
}

const lettersBefore = 60
const mostLetters = 280

export function excerpt(message: string, query: string): Part[] {
  const found = placesOf(message, new Set(wordsOf(query)))
  const from = boundaryBefore(message, Math.max(0, (found[0]?.from ?? 0) - lettersBefore))
  const to = boundaryBefore(message, from + mostLetters)
  const places = joined(found.filter((place) => place.from < to).map((place) => whole(message, place)))
  const before = from > 0 ? '…' : ''
  const after = to < message.length ? '…' : ''
  const parts = partsOf(message, places, from, to)
  return [{ text: before, hit: false }, ...parts, { text: after, hit: false }].filter(
    ({ text }) => text !== '',
  )
}

function partsOf(text: string, places: readonly Place[], from: number, to: number): Part[] {
  const parts: Part[] = []
  let at = from
  for (const place of places) {
    const end = Math.min(place.to, to)
    parts.push({ text: text.slice(at, place.from), hit: false })
    parts.push({ text: text.slice(place.from, end), hit: true })
    at = end
  }
  return [...parts, { text: text.slice(at, to), hit: false }]
}

/** Where the words stand in a text, in order. */
function placesOf(text: string, words: Iterable<string>): Place[] {
  const { all, origins } = foldedWithOrigins(text)
  const places: Place[] = []
  for (const word of words) {
    for (let at = all.indexOf(word); at >= 0; at = all.indexOf(word, at + 1)) {
      places.push({ from: origins[at] ?? 0, to: origins[at + word.length] ?? text.length })
    }
  }
  return places.sort((a, b) => a.from - b.from)
}

/** A folded text, and for each of its code units where the sign stands that it came from. */
function foldedWithOrigins(text: string): { all: string; origins: number[] } {
  const origins: number[] = []
  let all = ''
  let at = 0
  for (const sign of text) {
    const fold = folded(sign)
    for (let unit = 0; unit < fold.length; unit++) origins.push(at)
    all += fold
    at += sign.length
  }
  return { all, origins }
}

/** Of a letter and its accents all is marked, and of two letters in one sign that sign. */
function whole(text: string, { from, to }: Place): Place {
  const first = characterAt(text, from)
  const last = characterAt(text, Math.max(from, to - 1))
  return { from: first?.from ?? from, to: last?.to ?? to }
}

function joined(places: readonly Place[]): Place[] {
  const apart: Place[] = []
  for (const place of places) {
    const last = apart.at(-1)
    if (last && place.from <= last.to) last.to = Math.max(last.to, place.to)
    else apart.push({ ...place })
  }
  return apart
}
