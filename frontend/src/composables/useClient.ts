/** Gives components the client of the signed-in page, which App.vue provides. */
import { inject, provide, type InjectionKey } from 'vue'
import type { Client } from '../client/client'

const key: InjectionKey<Client> = Symbol('client')

export function provideClient(client: Client): void {
  provide(key, client)
}

export function useClient(): Client {
  const client = inject(key)
  if (client === undefined) throw new Error('useClient works only below SignedIn.vue.')
  return client
}
