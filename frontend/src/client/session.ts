/** Who is signed in, and the ways in and out. Provider sign-in is Static Web Apps' own; guests are the backend's. */
import { nextTick, reactive } from 'vue'
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
  signOut(): Promise<void>
  /** @param forget removes what this browser keeps of the user: it is called when they sign out, or cannot come back. */
  keeps(forget: () => void): void
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
  let forget = (): void => undefined
  /** A guest's way out takes a while, and their connection ends before it. */
  let leaving = false

  function become(me: Me | null, ended: Me | null = null): void {
    const before = state.me
    Object.assign(state, { status: me ? 'signedIn' : 'signedOut', me, ended })
    // Not before their page is gone: it keeps what was written to the last.
    if (before && isGuest(before) && before.userId !== me?.userId) void nextTick(forget)
  }

  function take(me: Me | null): void {
    if (me) become(me)
    else if (leaving) state.status = 'loading'
    else become(null, state.me ?? state.ended)
  }

  async function check(): Promise<void> {
    try {
      take(await api.me())
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      state.status = 'unreachable'
    }
  }

  /** Rejects with ApiError where the guest is signed in all the same. */
  async function endGuest(): Promise<void> {
    leaving = true
    try {
      await api.signOutGuest()
    } catch (error) {
      // The end is noted first of all: whatever else the backend could not do, nobody comes back from there.
      if (!(await isEnded())) throw error
    } finally {
      leaving = false
    }
  }

  const isEnded = (): Promise<boolean> =>
    api.me().then(
      (me) => me === null,
      () => false,
    )

  return {
    state,
    check,
    keeps(forgetUser) {
      forget = forgetUser
    },
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
    async signOut() {
      const { me } = state
      if (me === null || !isGuest(me)) {
        forget()
        goTo('/.auth/logout?post_logout_redirect_uri=/')
        return
      }
      await endGuest().catch(async (error: unknown) => {
        if (state.status !== 'signedIn') await check()
        throw error
      })
      if (state.me?.userId === me.userId) become(null)
      tellOtherTabs()
    },
  }
}

/** Where a provider's sign-in begins; it comes back to `returnTo`. */
export const providerSignIn = (provider: 'github' | 'aad', returnTo: string): string =>
  `/.auth/login/${provider}?post_login_redirect_uri=${encodeURIComponent(returnTo)}`
