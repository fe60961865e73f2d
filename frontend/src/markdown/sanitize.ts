/** Makes nodes of HTML that came from a message, with nothing in them that could run, load or send anything. */
import createDOMPurify from 'dompurify'
import { trueHost } from './hosts'

const tags = ['p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'blockquote', 'span']

export type Sanitizer = (html: string) => DocumentFragment

export function createSanitizer(window: Window & typeof globalThis): Sanitizer {
  const purifier = createDOMPurify(window)
  const options = {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'start'],
    ADD_URI_SAFE_ATTR: ['start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    RETURN_DOM_FRAGMENT: true as const,
  }
  return (html) => completed(purifier.sanitize(html, options))
}

function besideLink(document: Document, host: string): HTMLElement {
  const span = document.createElement('span')
  span.className = 'link-host'
  span.textContent = ` (${host})`
  return span
}

function completed(fragment: DocumentFragment): DocumentFragment {
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noopener noreferrer nofollow'
    // Where a link leads need not be what it says: pointed at, it tells; where its words are another address, always.
    link.title = link.href
    const host = trueHost(link.textContent, link.href)
    if (host !== null) link.after(besideLink(fragment.ownerDocument, host))
  }
  // Without signs of the browser's own, a list would be none to some screen readers.
  for (const list of fragment.querySelectorAll('ul, ol')) list.setAttribute('role', 'list')
  // Long lines scroll inside; by keyboard, too.
  for (const block of fragment.querySelectorAll('pre')) block.tabIndex = 0
  return fragment
}
