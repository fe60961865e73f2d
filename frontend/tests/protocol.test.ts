import { expect, test } from 'vitest'
import protocol from '../../docs/protocol.md?raw'
import { backendEventNames, commandNames } from '../src/wire/events'

/** The names in the first column of the table below a heading. */
function namesUnder(heading: string): string[] {
  const section = protocol.split(/^## /mu).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `(\w+)` \|/gmu)].map(([, name = '']) => name).sort()
}

test('the page knows every event of the documentation, and no other', () => {
  expect(backendEventNames.toSorted()).toEqual(namesUnder('Messages to browsers'))
  expect(commandNames.toSorted()).toEqual(namesUnder('Events from browsers'))
})
