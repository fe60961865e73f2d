/** Who is signed in, and the ways in and out. Provider sign-in is Static Web Apps' own; guests are the backend's. */
import { reactive } from 'vue'
import { ApiError, type Api } from '../api'
import type { Me } from '../wire/model'

export interface SessionState {
  status: 'loading' | 'signedOut' | 'signedIn' | 'unreachable'
  me: Me | null
  /** Who this page belonged to until that ended, not by a sign-out here. */
  ended: Me | null
}

export interface Session {
  state: SessionState
  check(): Promise<void>
  /** Rejects with SignInLostError, or ApiError. */
  signInAsGuest(userName: string): Promise<void>
  /** @param leaving is called when nothing is in the way any more: what is kept of the user can go. */
  signOut(leaving?: () => void): Promise<void>
  /** The sign-in turned out to be gone, or somebody else's: starts over with whoever is signed in now. */
  renew(): Promise<void>
  /** Another tab of this browser has signed in or out. */
  changedElsewhere(): Promise<void>
}

/** Whoever comes by a name alone is somebody new each time. */
export const isGuest = ({ userId }: Pick<Me, 'userId'>): boolean => userId.startsWith('guest_')

/** The backend signed the guest in, but the browser did not come back with the cookie that says so. */
export class SignInLostError extends Error {
  constructor() {
    super('The cookie of the sign-in did not come back.')
    this.name = 'SignInLostError'
  }
}

/**
 * @param goTo leaves the page for an address of the platform's sign-in.
 * @param tellOtherTabs says to them that somebody has signed in or out here.
 */
export function createSession(api: Api, goTo: (path: string) => void, tellOtherTabs: () => void): Session {
  const state = reactive<SessionState>({ status: 'loading', me: null, ended: null })

  function lost(ended: Me | null): void {
    Object.assign(state, { status: 'signedOut', me: null, ended })
  }

  function take(me: Me | null): void {
    if (me) Object.assign(state, { status: 'signedIn', me, ended: null })
    else lost(state.me ?? state.ended)
  }

  async function check(): Promise<void> {
    try {
      take(await api.me())
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      state.status = 'unreachable'
    }
  }

  return {
    state,
    check,
    async renew() {
      state.status = 'loading'
      await check()
    },
    async changedElsewhere() {
      try {
        take(await api.me())
      } catch (error) {
        // The page goes on as it is; the next connection tells whose it is.
        if (!(error instanceof ApiError)) throw error
      }
    },
    async signInAsGuest(userName) {
      await api.signInAsGuest(userName)
      await check()
      if (state.status === 'signedOut') throw new SignInLostError()
      tellOtherTabs()
    },
    async signOut(leaving = () => undefined) {
      if (state.me === null || !isGuest(state.me)) {
        leaving()
        goTo('/.auth/logout?post_logout_redirect_uri=/')
        return
      }
      await api.signOutGuest()
      leaving()
      lost(null)
      tellOtherTabs()
    },
  }
}

/** Where a provider's sign-in begins; it comes back to `returnTo`. */
export const providerSignIn = (provider: 'github' | 'aad', returnTo: string): string =>
  `/.auth/login/${provider}?post_login_redirect_uri=${encodeURIComponent(returnTo)}`
