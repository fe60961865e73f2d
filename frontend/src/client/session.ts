/** Who is signed in, and the ways in and out. Provider sign-in is Static Web Apps' own; guests are the backend's. */
import { reactive } from 'vue'
import { ApiError, type Api } from '../api'
import type { Me } from '../wire/model'

export interface SessionState {
  status: 'loading' | 'signedOut' | 'signedIn' | 'unreachable'
  me: Me | null
}

export interface Session {
  state: SessionState
  check(): Promise<void>
  signInAsGuest(userName: string): Promise<void>
  signOut(): Promise<void>
  /** The sign-in turned out to be gone. */
  lost(): void
}

const guestIdPrefix = 'guest_'

/** @param goTo leaves the page for an address of the platform's sign-in. */
export function createSession(api: Api, goTo: (path: string) => void): Session {
  const state = reactive<SessionState>({ status: 'loading', me: null })

  function lost(): void {
    Object.assign(state, { status: 'signedOut', me: null })
  }

  async function check(): Promise<void> {
    try {
      const me = await api.me()
      if (me) Object.assign(state, { status: 'signedIn', me })
      else lost()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      state.status = 'unreachable'
    }
  }

  return {
    state,
    check,
    lost,
    async signInAsGuest(userName) {
      await api.signInAsGuest(userName)
      await check()
    },
    async signOut() {
      if (state.me?.userId.startsWith(guestIdPrefix) !== true) {
        goTo('/.auth/logout?post_logout_redirect_uri=/')
        return
      }
      await api.signOutGuest()
      lost()
    },
  }
}

/** Where a provider's sign-in begins; it comes back to `returnTo`. */
export const providerSignIn = (provider: 'github' | 'aad', returnTo: string): string =>
  `/.auth/login/${provider}?post_login_redirect_uri=${encodeURIComponent(returnTo)}`
