/** Formatted text as nodes for the page: one library reads it, another makes sure of what it made. Loaded when first needed. */
import { markdownToHtml } from './render'
import { createSanitizer } from './sanitize'

/** Throws when a text is too much for the library. */
export type Format = (text: string) => DocumentFragment

export function createFormat(window: Window & typeof globalThis): Format {
  const sanitized = createSanitizer(window)
  return (text) => sanitized(markdownToHtml(text))
}
