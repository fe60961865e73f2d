/** Gives components what main.ts provides: what this browser keeps. */
import { inject, type InjectionKey } from 'vue'
import type { BrowserStorage } from '../browser/browserStorage'

export const browserStorageKey: InjectionKey<BrowserStorage> = Symbol('browser storage')

export function useBrowserStorage(): BrowserStorage {
  const storage = inject(browserStorageKey)
  if (storage === undefined) throw new Error('main.ts provides the storage.')
  return storage
}
