/** The link that leads others into a chat: the address of a public one, a link that ends for a group, from its owner. */
import { useRouter } from 'vue-router'
import { useClient } from './useClient'
import { chatRoute } from '../navigation/routes'
import type { Chat } from '../wire/model'

export interface InviteLink {
  link: string
  /** When it ends, in milliseconds since the epoch; null when it does not. */
  expires: number | null
}

/** Who may not invite is not asked to; for anyone else the backend says no. */
export const mayInvite = ({ kind, owner }: Chat, myId: string): boolean =>
  kind === 'public' || (kind === 'group' && owner === myId)

/** What comes back rejects as `createInvite` does. */
export function useInviteLink(): (chat: Chat) => Promise<InviteLink> {
  const client = useClient()
  const router = useRouter()
  const absolute = (path: string): string => new URL(path, window.location.href).href

  return async ({ id, kind }) => {
    if (kind !== 'group') return { link: absolute(router.resolve(chatRoute(id)).href), expires: null }
    const { token, expires } = await client.actions.createInvite(id)
    return { link: absolute(`/join/${encodeURIComponent(token)}`), expires }
  }
}
