/** Whom one has blocked: read when it first matters, and kept by what the backend tells from then on. */
import type { Api } from '../api'
import type { BackendEvent } from '../wire/events'
import type { Member } from '../wire/model'
import type { ClientState } from './state'

type BlockEvent = Extract<BackendEvent, { kind: 'userBlocked' | 'userUnblocked' }>

export class BlockedPeople {
  private reading: Promise<void> | null = null
  /** What was told while the list was being read, which may or may not know of it. */
  private told: BlockEvent[] = []

  constructor(
    private readonly state: ClientState,
    private readonly read: Api['blocked'],
  ) {}

  /** Resolves when the list is known; rejects with ApiError, and the next call tries again. */
  load(): Promise<void> {
    this.reading ??= this.readAll().catch((error: unknown) => {
      this.reading = null
      throw error
    })
    return this.reading
  }

  /** Has the list read if it can be. */
  want(): void {
    this.load().catch(() => undefined)
  }

  /** Something may have been missed; what was never read is not needed. */
  renew(): void {
    if (this.reading === null) return
    this.reading = null
    this.want()
  }

  apply(event: BlockEvent): void {
    this.told.push(event)
    applyTo(this.state.blocked, event)
  }

  private async readAll(): Promise<void> {
    this.told = []
    const found = new Map((await this.read()).map((one): [string, Member] => [one.userId, one]))
    this.told.forEach((event) => applyTo(found, event))
    this.state.blocked = found
  }
}

function applyTo(blocked: Map<string, Member>, event: BlockEvent): void {
  if (event.kind === 'userUnblocked') blocked.delete(event.userId)
  else blocked.set(event.userId, { userId: event.userId, userName: event.userName })
}
