/** Every link of our documents to a file of the repository leads somewhere. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT } from './launch.mjs'

const documents = globSync(['*.md', 'docs/**/*.md', '{packages,test,demo,bench,faces}/**/*.md'], {
  cwd: ROOT,
  exclude: path => /(?:^|\/)(?:node_modules|dist)(?:\/|$)/.test(path),
})

/** Targets of links and pictures that are paths, without their fragment. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter(target => target !== '' && !/^[a-z]+:/.test(target))
}

describe('links between files', () => {
  it('are found at all', () => {
    assert.deepEqual(pathsIn('[a](b.md#c) ![p](x/y.png) [w](https://example.org) [h](#here)'), [
      'b.md',
      'x/y.png',
    ])
    assert.ok(documents.length > 10)
  })

  for (const document of documents) {
    it(`of ${document} lead to files`, () => {
      const paths = pathsIn(readFileSync(join(ROOT, document), 'utf8'))
      const missing = paths.filter(path => !existsSync(join(ROOT, dirname(document), path)))
      assert.deepEqual(missing, [])
    })
  }
})
