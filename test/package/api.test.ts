import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiPage, exportedNames } from './api.ts'

describe('what @natsuin/ades exports', () => {
  const exported = exportedNames()

  it('is documented: every function and class says what one gets and when one wants it', () => {
    const callable = exported.filter(({ kind }) => kind.startsWith('function') || kind === 'class')
    const silent = callable.filter(({ documentation }) => documentation.length < 20)
    assert.deepEqual(
      silent.map(({ entry, name }) => `${entry}: ${name}`),
      [],
    )
    assert.ok(callable.length > 50)
  })

  it('stands on one page, with its docstring and its signature', () => {
    const page = apiPage(exported)
    const [, jades = ''] = page.split('\n## @natsuin/ades/jades\n')
    const [, prepare = ''] = jades.split('\n### prepareJades\n')
    assert.match(prepare, /^\nPrepares a signature by somebody else's key\.\n/)
    assert.match(prepare, /\n- throws AdesRefusal `payload-unwritable`/)
    assert.match(prepare, /```ts\nexport async function prepareJades\(\n {2}content: JadesContent,\n/)
    for (const { signature } of exported) assert.ok(page.includes(signature) && signature.length > 10)
  })
})
