/**
 * Keeps the focus from falling to the body when what has it goes: a menu or dialog closes, a message is deleted, scrolled
 * away or drawn anew, a chat is left. It goes back to what had it under that, or to what is nearest to that place. Must
 * not know what a page consists of, but that rows are `li` and that menus and dialogs have their roles.
 */

/** An element that had the focus, and where it stood: its ancestors from near to far, each with its neighbours then. */
interface Place {
  layer: Element | null
  testId: string | undefined
  levels: { element: Element; neighbours: Element[] }[]
}

const layers = '[role$="dialog"], [role="menu"]'
const focusable = 'a[href], button:not(:disabled), input:not(:disabled), textarea, select, [tabindex]'

/** True when it took the focus. */
function takes(element: Element | null): boolean {
  if (!(element instanceof HTMLElement) || !element.isConnected || !element.matches(focusable)) return false
  element.focus({ preventScroll: true })
  return document.activeElement === element
}

const takesAsRow = (row: Element): boolean => takes(row) || takes(row.querySelector(focusable))

function placeOf(element: Element): Place {
  const levels: Place['levels'] = []
  for (let level: Element | null = element; level && level !== document.body; level = level.parentElement) {
    const all = level.matches('li') ? [...(level.parentElement?.children ?? [])] : []
    const at = all.indexOf(level)
    // Row by row away from it, what comes after it first.
    const neighbours = all
      .map((row, index) => ({ row, far: index > at ? index - at - 0.5 : at - index }))
      .filter(({ row }) => row !== level)
      .sort((a, b) => a.far - b.far)
    levels.push({ element: level, neighbours: neighbours.map(({ row }) => row) })
  }
  return { layer: element.closest(layers), testId: (element as HTMLElement).dataset.testid, levels }
}

function giveBack({ testId, levels }: Place): boolean {
  return levels.some(({ element, neighbours }) => {
    if (takes(element)) return true
    // A button that can do nothing any more, beside what it was for.
    if (element.matches('form')) return takes(element.querySelector('textarea, input'))
    if (!element.matches('li')) return false
    if (!element.isConnected) return neighbours.some(takesAsRow)
    // The same button of the same row, drawn anew.
    const again = testId === undefined ? null : element.querySelector(`[data-testid="${CSS.escape(testId)}"]`)
    return takes(again) || takesAsRow(element)
  })
}

export class FocusTrail {
  /** One for the page and for each layer over it, the topmost last; empty when the focus was let go on purpose. */
  private places: Place[] = []
  private readonly ending = new AbortController()
  private readonly observer = new MutationObserver(() => this.check())

  /** @param last takes the focus when nothing near is left. */
  constructor(private readonly last: () => (Element | null)[]) {
    const { signal } = this.ending
    document.addEventListener('focusin', ({ target }) => this.note(target as Element), { signal })
    document.addEventListener('focusout', (event) => this.left(event), { signal })
    this.observer.observe(document.body, { childList: true, subtree: true })
    if (document.activeElement && document.activeElement !== document.body) this.note(document.activeElement)
  }

  end(): void {
    this.ending.abort()
    this.observer.disconnect()
  }

  /** To be called when something may have been hidden: nothing tells of that. */
  check(): void {
    const { activeElement } = document
    if (this.places.length === 0 || (activeElement && activeElement !== document.body)) return
    const places = this.places.reverse()
    this.places = []
    if (!places.some(giveBack)) this.last().some(takes)
  }

  private note(element: Element): void {
    const place = placeOf(element)
    const under = this.places.findIndex(({ layer }) => layer === place.layer)
    this.places = [...(under < 0 ? this.places : this.places.slice(0, under)), place]
  }

  /** A click beside everything lets go of the focus; what goes itself is not there any more a moment later. */
  private left({ target, relatedTarget }: FocusEvent): void {
    if (relatedTarget !== null) return
    queueMicrotask(() => {
      const stays = (target as HTMLElement).isConnected && (target as HTMLElement).checkVisibility()
      if (stays && document.hasFocus() && document.activeElement === document.body) this.places = []
    })
  }
}
