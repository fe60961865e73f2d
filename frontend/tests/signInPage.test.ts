// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { createApp, type App } from 'vue'
import { createSession } from '../src/client/session'
import SignInPage from '../src/pages/SignInPage.vue'
import { texts } from '../src/texts'
import { FakeApi, FakeClock, person } from './fakes'

let app: App

afterEach(() => {
  app.unmount()
  window.history.replaceState(null, '', '/')
})

/** What is said to somebody at this address whose sign-in has ended, or who has none. */
function said(path: string, ended: boolean): string {
  window.history.replaceState(null, '', path)
  const session = createSession(
    new FakeApi(new FakeClock()),
    () => undefined,
    () => undefined,
  )
  Object.assign(session.state, { status: 'signedOut', ended: ended ? person('guest_ada', 'Ada') : null })
  const root = document.createElement('div')
  app = createApp(SignInPage, { session })
  app.mount(root)
  return root.textContent
}

test.each([
  ['/', false, [texts.signIn.lead]],
  ['/', true, [texts.signIn.ended('Ada')]],
  ['/join/t1', false, [texts.signIn.invited]],
  ['/join/t1', true, [texts.signIn.ended('Ada'), texts.signIn.invited]],
] as const)('at %s (a sign-in ended: %s) one reads what applies, and no more', (path, ended, expected) => {
  const leads = [texts.signIn.lead, texts.signIn.ended('Ada'), texts.signIn.invited]
  const text = said(path, ended)
  expect(leads.filter((lead) => text.includes(lead)).sort()).toEqual([...expected].sort())
})
