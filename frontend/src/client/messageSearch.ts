/**
 * Searching for messages by words: what was found so far, and more of it on demand. It is kept while the page lives, so
 * that whoever comes back from a message finds the results as they left them.
 */
import type { Api } from '../api'
import type { Found } from '../wire/http'

/** A call that finds nothing may only not have come far: the next one follows by itself, up to so many. */
const mostInVain = 10

export interface SearchState {
  words: string
  /** The id of the one chat that is searched; undefined for all of one's own. */
  chatId: string | undefined
  found: Found[]
  /** Where the next page begins; null when there is none. */
  next: string | null
  phase: 'idle' | 'searching' | 'failed'
  /** The id of the message that was opened last. */
  opened: string | null
}

export const nothingSearched = (): SearchState => ({
  words: '',
  chatId: undefined,
  found: [],
  next: null,
  phase: 'idle',
  opened: null,
})

export class MessageSearch {
  constructor(
    private readonly state: SearchState,
    private readonly search: Api['search'],
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Shows what was found for these words; looks for them unless they are what was looked for last. */
  async show(words: string, chatId?: string): Promise<void> {
    const same = words === this.state.words && chatId === this.state.chatId
    if (!same) await this.begin(words, chatId)
  }

  /** Looks for these words anew. */
  async begin(words: string, chatId?: string): Promise<void> {
    Object.assign(this.state, { ...nothingSearched(), words, chatId })
    await this.look()
  }

  /** Fetches the next page, also once more after a failure. */
  async more(): Promise<void> {
    if (this.state.phase !== 'searching') await this.look()
  }

  private async look(): Promise<void> {
    const { state } = this
    const { words, chatId } = state
    if (words === '') return
    state.phase = 'searching'
    const results = state.found
    try {
      for (let calls = 1; results === state.found; calls++) {
        const page = await this.search({ words, chatId, after: state.next ?? undefined })
        // Something else is looked for by now.
        if (results !== state.found) return
        state.next = page.next
        if (page.items.length > 0) state.found = [...results, ...page.items]
        if (page.next === null || calls === mostInVain) break
      }
      state.phase = 'idle'
    } catch (error) {
      if (results !== state.found) return
      state.phase = 'failed'
      this.failed(error)
    }
  }
}
