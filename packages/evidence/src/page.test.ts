/** `docs/evidence.md` is the specification of the file: it names every member and every reason. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../docs/evidence.md')

/** What stands in the source, before a colon or in quotation marks after a bar. */
const found = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map(([, name = '']) => name)

describe('docs/evidence.md', () => {
  it('names every member of the file', () => {
    const members = found(read('../../protocol/src/evidence/evidence.ts'), /^ {2,4}(\w+)[:,]/gm)
    assert.ok(members.length > 25)
    for (const name of members) assert.ok(page.includes(`\`${name}\``), name)
  })

  it('names every reason for which evidence proves nothing', () => {
    const [, union = ''] = read('verdict.ts').split('export type EvidenceReason =')
    const reasons = found(union.split('\n\n')[0] ?? '', /\| '([a-z-]+)'/g)
    assert.ok(reasons.length > 30)
    for (const reason of reasons) assert.ok(page.includes(`\`${reason}\``), reason)
  })
})
