/** Says why something failed, in words for the user. A sign-in that is gone is no failure: the page ends with it. */
import { ApiError } from '../api'
import { RefusedError } from '../connection/requests'
import { SendError } from '../connection/socket'
import { notify } from '../state/notices'
import { texts } from '../texts'
import type { ClientState } from './state'

export interface Failures {
  /** Tells in a notice; `words` where the error has none of its own. */
  tell(error: unknown, words?: string): void
  /** Null when the sign-in is gone, which is seen to. */
  explained(error: unknown): string | null
  /** Runs an action and tells the user when it fails; null then. */
  attempt<T>(action: () => Promise<T>): Promise<T | null>
}

export function createFailures(state: ClientState, signedOut: () => void): Failures {
  function tell(error: unknown, words: string = texts.notices.loadFailed): void {
    if (isSignedOut(error)) signedOut()
    else if (error instanceof RefusedError || error instanceof SendError) {
      notify(state.notices, wordsFor(error), 'problem')
    }
    // While the connection is gone, the banner says so; every failing call need not.
    else if (state.connection.phase === 'online') {
      notify(state.notices, words, 'problem', error instanceof ApiError ? error.requestId : '')
    }
  }

  return {
    tell,
    explained(error) {
      if (!isSignedOut(error)) return wordsFor(error)
      signedOut()
      return null
    },
    async attempt(action) {
      try {
        return await action()
      } catch (error) {
        tell(error, texts.notices.unexpected)
        return null
      }
    },
  }
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.signedOut

function wordsFor(error: unknown): string {
  if (error instanceof RefusedError) return texts.refused(error.code)
  if (error instanceof SendError && !error.refused) return texts.notices.notConnected
  return texts.notices.unexpected
}
