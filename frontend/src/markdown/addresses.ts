/**
 * Addresses of the web and of mail as they stand in sentences. What closes the sentence, a quote or a bracket around an
 * address does not belong to it, in any script; brackets that it has in pairs, as in Wikipedia, do.
 */

export interface Address {
  text: string
  href: string
}

const beginning = /^(?:https?:\/\/|www\.)/iu
/** In no address: quotation marks and the punctuation of scripts that put no space behind it. */
const reach = /^[^\s\p{Cc}<>"`“”„«»‹›。、，；：！？…「」『』【】《》〈〉]+/u
const host = /^https?:\/\/[^/?#]*[\p{L}\p{N}]/iu
const hostOfWww = /^www\.[\p{L}\p{N}\p{M}-]+\.[\p{L}\p{N}]/iu
const mail =
  /^(?:mailto:)?[\p{L}\p{N}][\p{L}\p{N}\p{M}._%+-]{0,63}@(?:[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{0,62}\.)+[\p{L}\p{M}]{2,63}(?![\p{L}\p{N}\p{M}_])/iu
const closings = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
  ['）', '（'],
])
/** Ends a sentence, a quote or an emphasis rather than an address. */
const sentenceEnd = /[?!.,:;*_~'([{]|(?![\0-\x7f）])\p{P}/u

/** The address that the text begins with. */
export function addressAtStart(text: string): Address | null {
  if (!beginning.test(text)) return mailAtStart(text)
  const whole = withoutEnd(inBrackets(reach.exec(text)?.[0] ?? ''))
  const named = /^www\./iu.test(whole) ? hostOfWww : host
  if (!named.test(whole)) return null
  const href = /^www\./iu.test(whole) ? `http://${whole}` : whole
  return { text: whole, href }
}

function mailAtStart(text: string): Address | null {
  const whole = mail.exec(text)?.[0]
  if (whole === undefined) return null
  return { text: whole, href: /^mailto:/iu.test(whole) ? whole : `mailto:${whole}` }
}

/** Up to a bracket that closes more than the address has opened. */
function inBrackets(address: string): string {
  const open: string[] = []
  for (let at = 0; at < address.length; at++) {
    const sign = address.charAt(at)
    const opening = closings.get(sign)
    if ('([{（'.includes(sign)) open.push(sign)
    else if (opening !== undefined && open.pop() !== opening) return address.slice(0, at)
  }
  return address
}

function withoutEnd(address: string): string {
  let end = address.length
  while (end > 0 && sentenceEnd.test(address.charAt(end - 1))) end--
  return address.slice(0, end)
}

/** Where the first address behind the start begins, if that is before `end`; `end` if not. */
export function nextAddress(text: string, end: number): number {
  const web = text.slice(0, end + 3).search(/(?<=[^\p{L}\p{N}\p{M}_.@/-])www\./iu)
  const firstWeb = web > 0 && addressAtStart(text.slice(web)) ? web : end
  return Math.min(end, firstWeb, firstMail(text, end))
}

function firstMail(text: string, end: number): number {
  const sign = text.indexOf('@')
  let at = sign
  while (at > 0 && sign - at < 64 && /[\p{L}\p{N}\p{M}._%+-]/u.test(text.charAt(at - 1))) at--
  while (at < sign && !/[\p{L}\p{N}]/u.test(text.charAt(at))) at++
  return at > 0 && at < end && mailAtStart(text.slice(at)) ? at : end
}
