import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { base64url, integer, list, oneOf, optional, record, ShapeError, text, variant } from './shape.ts'
import { readStrictJson, writeJson } from './strict-json.ts'

const person = record({ name: text({ max: 5 }), age: optional(integer({ min: 0, max: 150 })) })
const refuses = (act: () => unknown, path: string) =>
  assert.throws(act, (error: unknown) => error instanceof ShapeError && error.path === path)

describe('shapes', () => {
  it('let through what fits, typed', () => {
    assert.deepEqual(person({ name: 'Mio', age: 3 }), { name: 'Mio', age: 3 })
    assert.deepEqual(person({ name: 'Mio' }), { name: 'Mio' })
    assert.deepEqual(base64url({ max: 2 })('AQI'), Uint8Array.of(1, 2))
  })

  it('refuse a missing, a surplus, a null and an out-of-bounds member, and say where', () => {
    refuses(() => person({}), 'name')
    refuses(() => person({ name: 'Mio', x: 1 }), '')
    refuses(() => person({ name: 'Mio', age: null }), 'age')
    refuses(() => person({ name: 'Miomio' }), 'name')
    refuses(() => person({ name: 'Mio', age: 151 }), 'age')
    refuses(() => person({ name: 'Mio', age: 1.5 }), 'age')
    refuses(() => list(person, { max: 2 })([{ name: 'a' }, { name: 7 }]), '[1].name')
    refuses(() => base64url({ max: 2 })('AQID'), '')
    refuses(() => base64url({ max: 2 })('AQI='), '')
  })

  it('do not mistake inherited members for given ones', () => {
    refuses(() => record({ toString: text({ max: 9 }) })({}), 'toString')
    refuses(() => variant('kind', { a: record({ kind: oneOf('a') }) })({ kind: 'constructor' }), '.kind')
  })
})

describe('strict JSON', () => {
  const anything = record({ a: integer({ min: 0, max: 9 }), b: optional(text({ max: 9 })) })

  it('reads what writeJson wrote', () => {
    assert.deepEqual(readStrictJson(writeJson({ a: 1, b: 'ü' }), anything), { a: 1, b: 'ü' })
  })

  it('refuses every second spelling of the same value', () => {
    for (const spelling of [
      '{"a": 1}',
      '{"a":1,"a":1}',
      '{"a":1e0}',
      '{"a":1,"b":"\\u0041"}',
      '{"a":1}\n',
      '[1',
      '﻿{"a":1}',
    ]) {
      refuses(() => readStrictJson(utf8(spelling), anything), '')
    }
    refuses(() => readStrictJson(Uint8Array.of(0x22, 0xff, 0x22), anything), '')
  })
})
