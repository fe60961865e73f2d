import { expect, test } from 'vitest'

/** Who may import whom. A room is a folder of src/, a folder of src/components/, or a module that lies in src/ itself. */
const mayImport: Record<string, string> = {
  'App.vue': 'api browser client clock composables pages',
  main: 'App.vue browser composables keyboard router state styles texts',
  router: 'pages',
  pages:
    'api client clock components/base components/chat components/composer components/dialogs components/lobby ' +
    'components/message components/notices composables connection dates navigation state texts wire',
  'components/lobby':
    'browser components/base components/dialogs composables keyboard navigation state texts wire',
  'components/chat': 'browser components/base components/dialogs composables navigation state texts wire',
  'components/message':
    'client components/base components/dialogs composables dates emoji likeness navigation state texts wire',
  'components/composer': 'components/base composables state texts wire',
  'components/notices': 'components/base composables navigation state texts',
  'components/dialogs':
    'client components/base composables dates emoji folding keyboard navigation state texts wire',
  'components/base': 'composables likeness state texts',
  composables: 'browser client clock dates keyboard markdown navigation state texts wire',
  client: 'api browser characters clock connection ids state texts wire',
  connection: 'clock wire',
  api: 'clock ids wire',
  emoji: 'folding state wire',
  markdown: 'characters clock state wire',
  state: 'browser characters clock folding likeness markdown texts wire',
  browser: 'clock',
  keyboard: '',
  navigation: '',
  texts: '',
  wire: '',
  dates: 'texts',
  likeness: 'characters',
  characters: '',
  clock: '',
  folding: '',
  ids: '',
}

/** Of these rooms only one module is for the room before. */
const onlyModule: Record<string, string> = {
  'state > markdown': 'markdown/verbatim.ts',
  'state > texts': 'texts/language.ts',
  'state > browser': 'browser/browserStorage.ts',
}

interface Import {
  from: string
  to: string
  lazy: boolean
}

const sources = import.meta.glob<string>(['../src/**/*.{ts,vue}', '!../src/**/*.d.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

const statement =
  /(?:^|[\s(>=?:])(?:(?:import|export)\s(?:[^'"]*?\sfrom\s)?|(import\())\s*'(\.[^'?]+)[^']*'/gu

/** The path of a module within src/, in the form of an import: without `.ts`. */
const named = (path: string): string => path.replace(/\.ts$/u, '').replace(/\/index$/u, '')

function importsOf(files: Readonly<Record<string, string>>): Import[] {
  return Object.entries(files).flatMap(([path, source]) => {
    const from = path.replace('../src/', '')
    return [...source.matchAll(statement)].map(([, lazy, address = '']) => {
      const to = new URL(address, `file:///${from}`).pathname.slice(1)
      return { from: named(from), to, lazy: lazy !== undefined }
    })
  })
}

function roomOf(path: string): string {
  const [first = '', second = '', ...more] = path.split('/')
  return first === 'components' && more.length > 0 ? `${first}/${second}` : first
}

function throughWalls(files: Readonly<Record<string, string>>): string[] {
  const wrong = importsOf(files).filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)]
    if (here === there) return false
    if (mayImport[here]?.split(' ').includes(there) !== true) return true
    const only = onlyModule[`${here} > ${there}`]
    return only !== undefined && named(only) !== to
  })
  return wrong.map(({ from, to }) => `${from} imports ${to}`)
}

/** Modules that import each other, over however many others, not counting what is loaded later. */
function circles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to, lazy } of imports) if (!lazy) targets.set(from, [...(targets.get(from) ?? []), to])
  const done = new Set<string>()
  const found: string[][] = []
  const visit = (path: readonly string[]): void => {
    const at = path.at(-1) ?? ''
    const before = path.indexOf(at)
    if (before < path.length - 1) found.push(path.slice(before))
    else if (!done.has(at)) {
      for (const next of targets.get(at) ?? []) visit([...path, next])
      done.add(at)
    }
  }
  for (const from of targets.keys()) visit([from])
  return found
}

test('no module imports through a wall', () => {
  expect(throughWalls(sources)).toEqual([])
})

test('there is no door that nobody uses', () => {
  const used = new Set(importsOf(sources).map(({ from, to }) => `${roomOf(from)} > ${roomOf(to)}`))
  const doors = Object.entries(mayImport).flatMap(([here, others]) =>
    others.split(' ').flatMap((there) => (there === '' ? [] : [`${here} > ${there}`])),
  )
  expect(doors.filter((door) => !used.has(door))).toEqual([])
})

test('no modules import each other in a circle', () => {
  expect(circles(importsOf(sources))).toEqual([])
})

test('every way to import is seen', () => {
  const files = {
    '../src/wire/model.ts': "import { a } from '../state/chats'\nimport type {\n  B,\n} from '../App.vue'",
    '../src/state/chats.ts': "export { c } from '../wire/model'\nexport * from '../markdown/render'",
    '../src/components/base/AppIcon.vue': ':load="() => import(\'../lobby/SideBar.vue\')"\n',
    '../src/texts/index.ts': "import '../styles/base.css'\nimport data from '../state/a.json?url'",
    '../src/elsewhere/new.ts': "import { ids } from '../ids'",
  }
  expect(throughWalls(files)).toEqual([
    'wire/model imports state/chats',
    'wire/model imports App.vue',
    'state/chats imports markdown/render',
    'components/base/AppIcon.vue imports components/lobby/SideBar.vue',
    'texts imports styles/base.css',
    'texts imports state/a.json',
    'elsewhere/new imports ids',
  ])
  expect(circles(importsOf(files))).toEqual([['wire/model', 'state/chats', 'wire/model']])
})
