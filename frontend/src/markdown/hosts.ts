/**
 * Where a link really leads: what to show beside one whose words are, or look like, another address, and hosts in letters
 * that pass for others. Knows no page.
 */

/** Scripts of today's languages (https://www.unicode.org/reports/tr31/#Table_Recommended_Scripts), but for Latin and those of East Asia. */
const scripts = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
].map((script) => new RegExp(`^[\\p{Script=${script}}\\p{M}0-9-]+$`, 'u'))
/** Letters of ours with marks; no letter that only looks like one of them. */
const latin = /^[a-z0-9_ßæœøðþłđħ\u0300-\u036f-]+$/u
/** Signs of East Asia, beside which Latin letters stand in many a name. */
const eastAsian =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}ー々a-z0-9-]+$/u
/** Of one of these letters and no others, a label could be one of Latin letters. A test compares with Unicode's table. */
export const passesForLatin =
  /^[асӕбвгԁеҽһіꙇјӏкмноꚙпрԛѕтѵхѡԝуүъьюшαϲγηικνορϱϸσςτυχωᴦϳͺքցհւոռօգզսաוןסטװاهھہەყჿംഠടငၚဝ\p{N}\p{M}-]+$/u

const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/gu
/**
 * Dots that a reader takes for one: browsers' own, those like it in Unicode's table, and some in the middle of the line.
 * Two of these are a nought, but not in a number.
 */
const dots =
  /[\u2024\u2027\u00b7\u22c5\u2219\u30fb\u3002\uff61\uff0e\ufe52\u0701\u0702\ua4f8\ua60e\u{10a50}\u{1d16d}]|(?<!\p{Nd})[\u0660\u06f0](?!\p{Nd})/gu
/** An address, up to its host, and what stands behind that: no host, whatever is in it. */
const address = /([a-z][a-z0-9+.-]{0,15}:\/\/[^\s/?#\\]*)(?:[/?#\\]\S*)?/giu

function urlOf(address: string): URL | null {
  try {
    return new URL(address)
  } catch {
    return null
  }
}

/** What a browser makes of a host; empty where it is none. */
function asciiOf(host: string): string {
  return urlOf(`http://${host}/`)?.hostname ?? ''
}

function isHonest(host: string): boolean {
  const labels = host.toLowerCase().split('.')
  const inLatinDomain = /^[a-z0-9-]+$/u.test(labels.at(-1) ?? '')
  return labels.every((label) => {
    if (latin.test(label.normalize('NFD')) || eastAsian.test(label)) return true
    return scripts.some((script) => script.test(label)) && !(inLatinDomain && passesForLatin.test(label))
  })
}

/** The hosts in a text, as they are written: behind a scheme, behind an `@`, and words with a dot in them. */
function hostsIn(text: string): string[] {
  const words = text
    .replace(dots, '.')
    .replace(address, ' $1 ')
    .split(/[\s<>"'“”„«»()[\]{}|,;]+/u)
  return words.flatMap((word) => {
    const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/iu.exec(word) ?? []
    const authority = rest.split(/[/?#\\]/u)[0] ?? ''
    const host = (authority.split('@').at(-1) ?? '').replace(/:\d*$/u, '').replace(/\.$/u, '')
    const isAddress = scheme !== '' || authority.includes('@') || looksLikeHost(host)
    return isAddress && host !== '' ? [host] : []
  })
}

/** Whatever marks stand over its letters, and over its dots. */
const looksLikeHost = (word: string): boolean =>
  /[\p{L}\p{N}]\.\p{L}{2}|^\d+(?:\.\d+){3}$/u.test(word.normalize('NFD').replace(/\p{M}/gu, ''))

const withoutWww = (host: string): string => host.replace(/^www\./u, '')

/** What is to be shown beside a link with these words; null where they are no address, or its own. */
export function trueHost(text: string, href: string): string | null {
  const url = urlOf(href)
  if (url === null) return null
  if (url.protocol === 'mailto:') return trueMail(text, decoded(url.pathname))
  const { hostname } = url
  if (url.username !== '' || url.password !== '') return hostname
  const written = hostsIn(text.replace(invisible, ''))
  if (written.length > 0 && invisible.test(text)) return hostname
  const own = written.every((host) => isHonest(host) && withoutWww(asciiOf(host)) === withoutWww(hostname))
  // A browser also takes a host in another form for its own: 2130706433, ex%61mple.org.
  const literal = written.every(
    (host) => !isPlain(host) || withoutWww(host.toLowerCase()) === withoutWww(hostname),
  )
  return own && literal ? null : hostname
}

const isPlain = (host: string): boolean => /^[\0-\x7f]+$/u.test(host)

function trueMail(text: string, address: string): string | null {
  const isOwn = text.replace(/^mailto:/iu, '').toLowerCase() === address.toLowerCase()
  return isOwn || (hostsIn(text).length === 0 && !text.includes('@')) ? null : address
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
