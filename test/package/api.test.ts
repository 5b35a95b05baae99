import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiPage, DOCUMENTED, type DocumentedPackage, exportedNames } from './api.ts'

/** Functions and classes, at least. */
const CALLABLE: Readonly<Record<DocumentedPackage, number>> = { ades: 50, client: 8 }

for (const name of DOCUMENTED)
  describe(`what @natsuin/${name} exports`, () => {
    const exported = exportedNames(name)

    it('is documented: every function and class says what one gets and when one wants it', () => {
      const callable = exported.filter(({ kind }) => kind.startsWith('function') || kind === 'class')
      const silent = callable.filter(({ documentation }) => documentation.length < 20)
      assert.deepEqual(
        silent.map(({ entry, name }) => `${entry}: ${name}`),
        [],
      )
      assert.ok(callable.length > CALLABLE[name])
    })

    it('stands on one page with its signature', () => {
      const page = apiPage(name, exported)
      for (const { signature } of exported) assert.ok(page.includes(signature) && signature.length > 10)
    })
  })

describe('the page of what a package exports', () => {
  it('has docstrings with their parameters and errors', () => {
    const [, jades = ''] = apiPage('ades').split('\n## @natsuin/ades/jades\n')
    const [, prepare = ''] = jades.split('\n### prepareJades\n')
    assert.match(prepare, /^\nPrepares a signature by somebody else's key\.\n/)
    assert.match(prepare, /\n- throws AdesRefusal `payload-unwritable`/)
    assert.match(prepare, /```ts\nexport async function prepareJades\(\n {2}content: JadesContent,\n/)
  })

  it('has the entry of a package itself, and those below it', () => {
    const page = apiPage('client')
    assert.match(page, /\n## @natsuin\/client\n[\s\S]*\n### createCscClient\n/)
    assert.match(page, /\n## @natsuin\/client\/browser\n[\s\S]*\n### openApproval\n/)
  })
})
