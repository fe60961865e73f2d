/**
 * The keyboard in a list of messages: Tab leads to what is in sight, wherever the list is scrolled to, and Up and Down from
 * message to message. Without that, Tab begins at the first link of the rows on the page, far from what is read.
 */
import type { Ref } from 'vue'

export interface RowFocus {
  /** To be called when other messages may be in sight. */
  moved: () => void
  /** Into the messages, at the newest one in sight. */
  enter: (event: KeyboardEvent) => void
  step: (event: KeyboardEvent, to: 'previousElementSibling' | 'nextElementSibling') => void
  /** The focus came into the list. */
  came: (event: FocusEvent) => void
}

export function useRowFocus(
  list: Readonly<Ref<HTMLElement | null>>,
  lastInSight: () => HTMLElement | null,
): RowFocus {
  /** The message that Tab leads to. */
  let stop: HTMLElement | null = null
  let scrollTop = 0

  function moved(): void {
    scrollTop = list.value?.scrollTop ?? 0
    const next = lastInSight()
    if (next === null || next === stop) return
    if (stop) stop.tabIndex = -1
    stop = next
    stop.tabIndex = 0
  }

  function enter(event: KeyboardEvent): void {
    if (event.target === list.value) lastInSight()?.focus()
  }

  function step(event: KeyboardEvent, to: 'previousElementSibling' | 'nextElementSibling'): void {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-message-id]')) return
    let next: Element | null = event.target[to]
    while (next && !next.matches('[data-message-id]')) next = next[to]
    if (!(next instanceof HTMLElement)) return
    event.preventDefault()
    next.focus()
  }

  const isInMessage = (element: Element | null): boolean => element?.closest('[data-message-id]') != null

  function came({ target, relatedTarget: from }: FocusEvent): void {
    if (list.value === null || stop === null || !(target instanceof HTMLElement)) return
    if (!(from instanceof Element) || isInMessage(from) || !isInMessage(target)) return
    // Who was led to a message is where they want to be, and who clicks sees what they click.
    if (target.matches('[data-message-id]') || !target.matches(':focus-visible')) return
    const { top, bottom } = list.value.getBoundingClientRect()
    const edges = target.getBoundingClientRect()
    // The browser may have scrolled to it.
    const scrolled = list.value.scrollTop - scrollTop
    if (edges.bottom + scrolled > top && edges.top + scrolled < bottom) return
    list.value.scrollTop = scrollTop
    stop.focus({ preventScroll: true })
  }

  return { moved, enter, step, came }
}
