/** A signed-in page with everything around it faked: Ada is in "art" with Grace and may join "open". */
import { createClient, type Client } from '../src/client/client'
import type { News } from '../src/state/attention'
import { chat, FakeApi, FakeClock, FakeService, FakeStorage, person, settled, user } from './fakes'

export interface Page {
  clock: FakeClock
  service: FakeService
  api: FakeApi
  client: Client
  storage: FakeStorage
  /** The chats the page was told to show. */
  shown: string[]
  announced: News[]
  signedOut: boolean
  /** What is drawn at random, at least 0 and less than 1. */
  chance: number
}

/** Lets a load with its few requests, one after the other, come to its end. */
export async function loaded(): Promise<void> {
  for (let round = 0; round < 8; round++) await settled()
}

/** @param before is the page that is loaded anew: everything around it stays. */
export async function signedIn(before?: Page): Promise<Page> {
  const clock = before?.clock ?? new FakeClock()
  const service = new FakeService()
  const api = before?.api ?? new FakeApi(clock)
  const storage = before?.storage ?? new FakeStorage()
  if (!before) {
    const art = chat('art', ['ada', 'grace'])
    api.chats = [art, chat('open', ['grace'])]
    api.mine = [art]
    api.online = [user('ada'), user('grace')]
  }
  const shown: string[] = []
  const announced: News[] = []
  const client = createClient({
    me: person('ada', 'Ada'),
    api,
    openSocket: service.open,
    clock,
    random: () => page.chance,
    announce: (news) => announced.push(news),
    storage,
    showChat: (chatId) => shown.push(chatId),
    signedOut: () => (page.signedOut = true),
  })
  const page: Page = { clock, service, api, client, storage, shown, announced, signedOut: false, chance: 0 }
  client.start()
  service.latest.greet()
  await loaded()
  return page
}

/** The connection breaks for good and a new one is made. */
export async function reconnected({ clock, service }: Page): Promise<void> {
  service.latest.listener.ended()
  clock.pass(1)
  service.latest.greet()
  await loaded()
}
