import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalJson } from './canonical.ts'
import { parseUnambiguousJson } from './unambiguous-json.ts'

describe('the one spelling of JSON (RFC 8785)', () => {
  it('is that of the RFC’s own sample (3.2.2)', () => {
    const sample = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
    assert.equal(canonicalJson(parseUnambiguousJson(sample)), expected)
  })

  it('has members in the order of their UTF-16 code units (3.2.3)', () => {
    const names = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']
    const shuffled = Object.fromEntries(names.toReversed().map(name => [name, {}]))
    const inOrder = names.map(name => `${JSON.stringify(name)}:{}`).join(',')
    assert.equal(canonicalJson({ b: [shuffled], a: 1 }), `{"a":1,"b":[{${inOrder}}]}`)
  })
})
