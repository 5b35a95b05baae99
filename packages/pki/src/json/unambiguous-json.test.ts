import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromUtf8 } from '../encoding/bytes.ts'
import { JsonRefused, parseUnambiguousJson } from './unambiguous-json.ts'

const refused = (text: string) => assert.throws(() => parseUnambiguousJson(text), JsonRefused, text)
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const wide = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i])))

describe('unambiguous JSON (threats.md, section 4)', () => {
  it('reads whatever JSON.stringify writes within the limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), value => {
        const text = JSON.stringify(value)
        if (!text.includes('__proto__')) assert.deepEqual(parseUnambiguousJson(text), JSON.parse(text))
      }),
    )
  })

  it('refuses a member that is there twice, however it is spelled', () => {
    assert.deepEqual(parseUnambiguousJson('{"a":{"a":1},"b":[{"a":2},{"a":3}]}'), {
      a: { a: 1 },
      b: [{ a: 2 }, { a: 3 }],
    })
    refused('{"a":1,"a":2}')
    refused('{"a":1,"\\u0061":2}')
    refused('{"x":[{"a":1,"b":"}","a":2}]}')
  })

  it('refuses __proto__', () => refused('{"__proto__":{"a":1}}'))

  it('takes 16 levels and refuses 17', () => {
    parseUnambiguousJson(nested(16))
    refused(nested(17))
  })

  it('takes 256 members and refuses 257 (T-LIM-02)', () => {
    parseUnambiguousJson(wide(256))
    refused(wide(257))
  })

  // A million characters take a moment; in quadratic time they would take hours.
  it('refuses a string that never ends in one pass', () => {
    for (const text of ['"', '{"', '{"a":"', '["\\n', '"\n']) refused(`${text}${'\\"'.repeat(500_000)}`)
  })

  it('refuses what is not JSON', () => {
    for (const text of ['', '{', '{"a":}', '{a:1}', '"', '1e', "{'a':1}", '{"a":1}}', 'NaN']) refused(text)
  })
})

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with JSONTestSuite'

describe('JSONTestSuite (T-JWS-05)', { skip }, () => {
  const folder = join(corpora ?? '', 'json')
  const filesOf = (kind: 'y' | 'n') =>
    globSync(`${kind}_*.json`, { cwd: folder }).map(name => ({
      name,
      text: fromUtf8(readFileSync(join(folder, name))),
    }))

  it('is read where it is JSON, but for members that are there twice', () => {
    const refusedFiles = filesOf('y').filter(({ text }) => {
      try {
        parseUnambiguousJson(text ?? '')
        return false
      } catch {
        return true
      }
    })
    assert.deepEqual(refusedFiles.map(({ name }) => name).toSorted(), [
      'y_object_duplicated_key.json',
      'y_object_duplicated_key_and_value.json',
    ])
  })

  it('is refused where it is none', () => {
    const files = filesOf('n')
    assert.ok(files.length > 150)
    for (const { text } of files) if (text !== undefined) refused(text)
  })
})
