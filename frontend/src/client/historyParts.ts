/** Reads parts of a chat's history, each without a gap: the newest messages, and what has come behind one. */
import type { Api, MessageQuery } from '../api'
import type { HistoryEnd } from '../state/merging'
import type { MessagePage } from '../wire/http'
import { maxPageMessages } from '../wire/limits'
import type { StoredMessage } from '../wire/model'

/** Rounds in which a chat is read again; who reads further up than that begins anew at the end. */
const mostRounds = 10

/** `more` says whether there are older messages; `end` that it is the end of the history. */
export interface HistoryPart extends MessagePage {
  end?: HistoryEnd
}

export const noPart: HistoryPart = { messages: [], more: true }

/** Whether it goes back to this time; never to none. */
export const reaches = ({ messages }: HistoryPart, time = -Infinity): boolean =>
  (messages[0]?.time ?? Infinity) <= time

export class HistoryParts {
  constructor(private readonly api: Api) {}

  older(chatId: string, query: MessageQuery): Promise<HistoryPart> {
    return this.api.messages(chatId, query)
  }

  /** The newest page, and those before it back to the time `oldest` if that is not too far. */
  async newest(chatId: string, oldest = Infinity, limit?: number): Promise<HistoryPart> {
    const askedAt = this.api.serverNow()
    let messages: StoredMessage[] = []
    let more = true
    for (let round = 0; more && round < mostRounds; round++) {
      const page = await this.api.messages(chatId, { before: messages[0]?.id, limit })
      messages = [...page.messages, ...messages]
      more = page.more
      if ((page.messages[0]?.time ?? oldest) <= oldest) break
    }
    return { messages, more, end: { askedAt, startsAnew: more } }
  }

  /** What stands behind a message. */
  async behind(chatId: string, after: string): Promise<HistoryPart> {
    const askedAt = this.api.serverNow()
    let messages: StoredMessage[] = []
    let more = true
    for (let round = 0; more && round < mostRounds; round++) {
      const query = { after: messages.at(-1)?.id ?? after, limit: maxPageMessages }
      const page = await this.api.messages(chatId, query)
      messages = [...messages, ...page.messages]
      more = page.more
    }
    return { messages, more: false, end: { askedAt, startsAnew: false } }
  }
}
