/** What the page counts as unread against a model of the backend, over random sequences of what can happen. */
import { describe, expect, test } from 'vitest'
import { mentionsOf, countedInAll, unreadOf } from '../src/state/unread'
import { chat, settled, type FakeSocket } from './fakes'
import { loaded, signedIn, type Page } from './signedIn'

interface Said {
  id: string
  by: string
  time: number
  mentions: string[]
}

/** A small generator of numbers (mulberry32), so that a failure can be repeated. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Keeps the chat "art" as the backend does, and tells pages what the backend would. */
class Model {
  private said: Said[] = []
  private kept: Said[] = []
  private member = true
  private read = { id: '', time: 0 }
  private number = 0
  private attached: FakeSocket | null = null

  constructor(
    private page: Page,
    private readonly pick: (below: number) => number,
  ) {
    this.read.time = page.clock.now()
    this.attach()
  }

  private get socket(): FakeSocket {
    return this.page.service.latest
  }

  private attach(): void {
    this.attached = this.socket
    this.socket.onEvent = ({ name, data }) => {
      if (name === 'markRead') this.mark((data as { id: string }).id)
    }
  }

  private async pass(ms: number): Promise<void> {
    await this.page.clock.passAndSettle(ms)
    // The page may have taken its connection for dead and made another.
    if (this.socket === this.attached) return
    this.attach()
    this.socket.greet()
    await loaded()
  }

  private mark(id: string): void {
    const message = this.kept.find((one) => one.id === id)
    if (message === undefined) throw new Error('MessageNotFound')
    if (message.time < this.read.time) return
    this.read = { id, time: message.time }
    this.answer()
    if (this.member) this.socket.tell('chatRead', { chatId: 'art', id })
  }

  private unread(): Said[] {
    if (!this.member) return []
    return this.said.filter(({ by, time }) => by !== 'ada' && time > this.read.time)
  }

  /** What the API answers from now on. */
  private answer(): void {
    const { api } = this.page
    const unread = this.unread().slice(-100)
    api.mine = this.member ? [chat('art', ['ada', 'grace'])] : []
    api.chats = [chat('art', this.member ? ['ada', 'grace'] : ['grace'])]
    api.unread.set('art', unread.length)
    api.unreadMentions.set('art', unread.filter(({ mentions }) => mentions.includes('ada')).length)
    if (this.read.id === '') api.lastRead.delete('art')
    else api.lastRead.set('art', this.read.id)
    if (unread.length > 0) api.unreadSince.set('art', this.read.time)
    else api.unreadSince.delete('art')
    const stored = this.said.map(({ id, by, time, mentions }) => {
      return { id, message: id, time, fromUserId: by, fromUserName: by, mentions, reactions: new Map() }
    })
    api.history.set('art', stored)
  }

  async arrive(mentions: string[] = []): Promise<void> {
    const by = this.pick(5) === 0 ? 'ada' : 'grace'
    const id = `m${(this.number += 1)}`
    // No two messages have the same time.
    await this.pass(1)
    const save = (): void => {
      const message = { id, by, time: this.page.clock.now(), mentions }
      this.kept.push(message)
      this.said.push(message)
      this.answer()
    }
    const isHeardFirst = this.pick(2) === 0
    if (!isHeardFirst) save()
    if (this.member) this.socket.say('art', by, { id, message: id, mentions })
    if (!isHeardFirst) return
    // A message is heard before it is kept, or the other way round.
    await this.pass(this.pick(900))
    save()
  }

  async storm(): Promise<void> {
    for (let round = 0; round < 120; round++) await this.arrive()
  }

  delete(): void {
    const message = this.said[this.said.length - 1 - this.pick(Math.min(6, this.said.length || 1))]
    if (message === undefined) return
    this.said = this.said.filter((one) => one !== message)
    this.answer()
    if (this.member) this.socket.tell('messageDeleted', { chatId: 'art', id: message.id })
  }

  edit(): void {
    const message = this.said.at(-1)
    if (message === undefined || !this.member) return
    const editedAt = new Date(this.page.clock.now()).toISOString()
    this.socket.tell('messageEdited', { chatId: 'art', id: message.id, message: 'other', editedAt })
  }

  async seeTheEnd(): Promise<void> {
    if (!this.member) return
    await this.page.client.conversations.open('art')
    this.page.client.see('art', true)
    await settled()
    if (this.pick(2) === 0) await this.arrive()
    this.page.client.see('art', true)
    this.page.client.see('art', false)
  }

  async seeSome(): Promise<void> {
    if (!this.member) return
    const { conversations } = this.page.client
    await conversations.open('art')
    await conversations.loadBackToUnread('art')
    const entries = conversations.of('art').entries.filter(({ kind }) => kind === 'message')
    const entry = entries[this.pick(entries.length || 1)]
    if (entry) this.page.client.readTo('art', entry.id)
  }

  readElsewhere(): void {
    const message = this.kept[this.kept.length - 1 - this.pick(Math.min(8, this.kept.length || 1))]
    if (message && this.member) this.mark(message.id)
  }

  async leaveOrJoin(): Promise<void> {
    this.member = !this.member
    this.read = { id: '', time: this.page.clock.now() }
    this.answer()
    const kind = this.member ? 'memberJoined' : 'memberLeft'
    this.socket.tell(kind, { chatId: 'art', userId: 'ada', userName: 'Ada', removed: false })
    await loaded()
  }

  async reconnect(): Promise<void> {
    if (this.pick(2) === 0) await this.arrive()
    const before = this.socket
    before.listener.ended()
    // Not heard of while there is no connection.
    before.say = () => undefined
    await this.arrive(['ada'])
    while (this.socket === before) await this.pass(500)
  }

  async reload(): Promise<void> {
    this.page.client.close()
    await settled()
    const { clock } = this.page
    this.page = await signedIn(this.page)
    expect(this.page.clock).toBe(clock)
    this.attach()
  }

  async step(): Promise<string> {
    const steps: [string, () => unknown][] = [
      ['arrives', () => this.arrive()],
      ['mentions', () => this.arrive(['ada'])],
      ['deleted', () => this.delete()],
      ['deleted', () => this.delete()],
      ['edited', () => this.edit()],
      ['end seen', () => this.seeTheEnd()],
      ['some seen', () => this.seeSome()],
      ['read elsewhere', () => this.readElsewhere()],
      ['left or joined', () => this.pick(4) === 0 && this.leaveOrJoin()],
      ['reconnected', () => this.pick(3) === 0 && this.reconnect()],
      ['reloaded', () => this.pick(3) === 0 && this.reload()],
      ['many arrive', () => this.pick(6) === 0 && this.storm()],
      ['time passes', () => this.pass(this.pick(5_000))],
    ]
    const [name, run] = steps[this.pick(steps.length)] ?? ['', () => undefined]
    await run()
    await settled()
    return name
  }

  /** Everything that is on its way has come to its end. */
  async rest(): Promise<void> {
    for (let round = 0; round < 24; round++) {
      await this.pass(2_000)
      await loaded()
    }
  }

  /** The page counts what the backend counts; beyond its limit both only say that it is more. */
  counts(): { page: number[]; backend: number[] } {
    const { unread } = this.page.client.state
    const wanted = this.unread()
    const isMuch = wanted.length >= 100
    const mentions = wanted.filter(({ mentions: ids }) => ids.includes('ada')).length
    const here = Math.min(unreadOf(unread, 'art'), 100)
    return {
      page: [
        here,
        isMuch ? 0 : mentionsOf(unread, 'art'),
        Math.min(
          countedInAll(unread, () => 'all'),
          100,
        ),
      ],
      backend: [Math.min(wanted.length, 100), isMuch ? 0 : mentions, Math.min(wanted.length, 100)],
    }
  }
}

describe('the page counts what the backend counts', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('after whatever happens (%i)', async (seed) => {
    const pick = chance(seed)
    const model = new Model(await signedIn(), pick)
    const happened: string[] = []
    for (let round = 0; round < 12; round++) {
      const steps = 1 + pick(5)
      for (let step = 0; step < steps; step++) happened.push(await model.step())
      await model.rest()
      const { page, backend } = model.counts()
      expect(page, `unread, mentions and in all after: ${happened.join(', ')}`).toEqual(backend)
    }
  })
})
