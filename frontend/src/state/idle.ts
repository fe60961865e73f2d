/** Decides when the user counts as idle and as back. The clock is passed in; knows no page and no connection. */
import type { Clock } from '../clock'

export interface IdleWatch {
  /** The user did something. */
  active(): void
  stop(): void
}

export function watchIdle(afterMs: number, clock: Clock, changed: (idle: boolean) => void): IdleWatch {
  let idle = false
  let cancel = startWaiting()

  function startWaiting(): () => void {
    return clock.after(afterMs, () => {
      idle = true
      changed(true)
    })
  }

  return {
    active() {
      cancel()
      cancel = startWaiting()
      if (!idle) return
      idle = false
      changed(false)
    },
    stop: () => cancel(),
  }
}
