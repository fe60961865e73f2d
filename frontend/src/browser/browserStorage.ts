/**
 * What this browser keeps after the page is gone: texts by key, one key for each fact, so that tabs do not overwrite
 * what they have not changed. The only way there. Where the browser forbids it, or has no room left, the page goes on,
 * and `unkept` says what the user should be told.
 */
import { shallowReactive } from 'vue'

/** Why something that matters to the user was not kept. */
export type Unkept = 'blocked' | 'full' | 'tooLong'

/** Begins the keys of what can be had again: it gives way to all else. */
export const cachePrefix = 'chatr.cache/'

/** What another tab has done to a key, and what was there before; nulls when this page slept and anything may have changed. */
export type Changed = (key: string | null, value: string | null, before: string | null) => void

type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

export class BrowserStorage {
  /** Each reason that there has been on this page. */
  readonly unkept = shallowReactive(new Set<Unkept>())

  /**
   * @param open gives the browser's storage, or throws where that is forbidden.
   * @param page hears of what other tabs change.
   */
  constructor(
    private readonly open: () => WebStorage | null | undefined,
    private readonly page: EventTarget,
  ) {}

  read(key: string): string | null {
    try {
      return this.open()?.getItem(key) ?? null
    } catch {
      return null
    }
  }

  /** The keys that begin so. */
  keys(prefix: string): string[] {
    try {
      const storage = this.open()
      const all = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '')
      return all.filter((key) => key.startsWith(prefix))
    } catch {
      return []
    }
  }

  /**
   * Keeps what matters to the user; false where it cannot.
   * @param lessWorth begins the keys of what else may go when there is no room.
   */
  keep(key: string, value: string, lessWorth: readonly string[] = []): boolean {
    let why = this.put(key, value)
    const spare =
      why === 'full' ? [cachePrefix, ...lessWorth].flatMap((prefix) => this.largestFirst(prefix)) : []
    for (const other of spare) {
      this.remove(other)
      if (!other.startsWith(cachePrefix)) this.unkept.add('full')
      why = this.put(key, value)
      if (why === null) return true
    }
    if (why !== null) this.unkept.add(why)
    return why === null
  }

  /** Keeps what can be had again, if there is room. */
  cache(key: string, value: string): void {
    this.put(key, value)
  }

  /** Makes room. */
  remove(key: string): void {
    try {
      this.open()?.removeItem(key)
    } catch {
      // Where it is forbidden, nothing was kept.
    }
  }

  /** Removes what nobody wants any more: other tabs hear that it is empty before it is gone, which making room is not. */
  discard(key: string): void {
    if (this.read(key) === null) return
    this.put(key, '')
    this.remove(key)
  }

  /** @returns a function that ends it. */
  follow(changed: Changed): () => void {
    const listening = new AbortController()
    const { signal } = listening
    const heard = (event: Event): void => {
      const { key, newValue, oldValue } = event as StorageEvent
      changed(key, newValue, oldValue)
    }
    const shownAgain = (event: Event): void => {
      if ((event as PageTransitionEvent).persisted) changed(null, null, null)
    }
    this.page.addEventListener('storage', heard, { signal })
    this.page.addEventListener('pageshow', shownAgain, { signal })
    return () => listening.abort()
  }

  private put(key: string, value: string): 'blocked' | 'full' | null {
    try {
      const storage = this.open()
      storage?.setItem(key, value)
      return storage ? null : 'blocked'
    } catch (error) {
      return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'blocked'
    }
  }

  /** So that few have to go. */
  private largestFirst(prefix: string): string[] {
    const size = (key: string): number => this.read(key)?.length ?? 0
    return this.keys(prefix).sort((a, b) => size(b) - size(a))
  }
}

/** Asked for anew each time: even looking at it throws where it is forbidden. */
export const storageOfBrowser = (): BrowserStorage => new BrowserStorage(() => window.localStorage, window)
