/** Prints how the page folds each character that this Node knows: [[code point, fold], …] as JSON. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const page = new URL('../../frontend/', import.meta.url)
const { default: typescript } = await import(createRequire(page).resolve('typescript'))
const source = await readFile(new URL('src/folding.ts', page), 'utf8')
const { outputText } = typescript.transpileModule(source, { compilerOptions: { module: 'esnext', target: 'es2022' } })
const { folded } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`)

const folds = []
for (let code = 0; code <= 0x10ffff; code++) {
  const sign = String.fromCodePoint(code)
  if (!/[\p{Cn}\p{Cs}]/u.test(sign)) folds.push([code, folded(sign)])
}
process.stdout.write(JSON.stringify(folds))
