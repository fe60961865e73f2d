/** Gives components the preferences that main.ts provides. */
import { inject, type InjectionKey } from 'vue'
import type { Preferences } from '../state/preferences'

export const preferencesKey: InjectionKey<Preferences> = Symbol('preferences')

export function usePreferences(): Preferences {
  const preferences = inject(preferencesKey)
  if (preferences === undefined) throw new Error('main.ts provides the preferences.')
  return preferences
}
