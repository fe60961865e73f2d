/**
 * What a name looks like: two that one could take for each other have a skeleton in common, by Unicode's table of
 * confusable characters (https://www.unicode.org/reports/tr39/#Confusable_Detection), whichever case they are in.
 */

/** Character → what it looks like. */
export type Confusables = ReadonlyMap<string, string>

/** What of the table concerns most names, which have no other letters. A test compares it with all of the table. */
export const ofAscii: Confusables = new Map([
  ['"', "''"],
  ['%', 'º/₀'],
  ['0', 'O'],
  ['1', 'l'],
  ['I', 'l'],
  ['`', "'"],
  ['m', 'rn'],
  ['|', 'l'],
])

export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/u.test(text)

/** By prototype, all that look like it: as confusables.json has them. */
export const confusablesOf = (table: Readonly<Record<string, string>>): Confusables =>
  new Map(
    Object.entries(table).flatMap(([like, signs]) => Array.from(signs, (sign) => [sign, like] as const)),
  )

/** A name that ends as the page's own marks do is to be taken for none that bears one. */
const markAtEnd = /\s*(?:\([^()]*\)|#\S{1,8})$/u

/** Unicode's table leaves some out that are only other forms of a letter, as of full width. */
const plain = (sign: string, table: Confusables): string =>
  isAscii(sign) ? sign : Array.from(sign.normalize('NFKD'), (part) => table.get(part) ?? part).join('')

function skeletonOf(name: string, table: Confusables): string {
  const seen = name.normalize('NFD').replace(/[\p{Default_Ignorable_Code_Point}\u2800]/gu, '')
  return Array.from(seen.replace(/\s+/gu, ' ').trim(), (sign) => table.get(sign) ?? plain(sign, table))
    .join('')
    .normalize('NFD')
}

/** All skeletons of a name: as it stands, and without its case before or after letters are replaced. */
export function skeletonsOf(name: string, table: Confusables): string[] {
  const bare = name.replace(markAtEnd, '') || name
  const asItStands = skeletonOf(bare, table)
  return [...new Set([asItStands, asItStands.toLowerCase(), skeletonOf(bare.toLowerCase(), table)])]
}
