import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  asV1Says,
  flag,
  from,
  type InEdition,
  integer,
  lenient,
  list,
  type ObjectOf,
  object,
  oneOf,
  onlyV1,
  onlyV2,
  optional,
  orNull,
  required,
  requiredInV1,
  text,
} from './form.ts'

const message = object({
  id: required(text({ min: 1 })),
  sad: requiredInV1(optional(text())),
  hashes: asV1Says('hash', required(list(text({ pattern: /^[a-z]+$/ }), { min: 1, max: 2 }))),
  pin: onlyV1(optional(text())),
  mode: onlyV2(optional(oneOf('S', 'A'))),
  nested: optional(object({ old: optional(flag), fresh: from('2.1.0.1', optional(flag)) })),
})

describe('a form', () => {
  it('is JSON Schema in each edition', () => {
    const strings = { type: 'string' }
    const hashes = { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, minItems: 1, maxItems: 2 }
    const id = { type: 'string', minLength: 1 }
    const boolean = { type: 'boolean' }
    assert.deepEqual(message.schema('v1'), {
      type: 'object',
      properties: {
        id,
        sad: strings,
        hash: hashes,
        pin: strings,
        nested: { type: 'object', properties: { old: boolean } },
      },
      required: ['id', 'sad', 'hash'],
    })
    assert.deepEqual(message.schema('v2'), {
      type: 'object',
      properties: {
        id,
        sad: strings,
        hashes,
        mode: { enum: ['S', 'A'] },
        nested: { type: 'object', properties: { old: boolean, fresh: boolean } },
      },
      required: ['id', 'hashes'],
    })
  })

  it('fits by the names and demands of the edition; null is absent, and what it does not know is let be', () => {
    assert.ok(message.fits({ id: 'x', sad: 'y', hash: ['a'] }, 'v1'))
    assert.ok(!message.fits({ id: 'x', sad: 'y', hashes: ['a'] }, 'v1'))
    assert.ok(!message.fits({ id: 'x', sad: null, hash: ['a'] }, 'v1'))
    assert.ok(message.fits({ id: 'x', sad: null, hashes: ['a'], colour: 1 }, 'v2'))
    assert.ok(!message.fits({ id: 'x', hashes: ['a'], mode: 'B' }, 'v2'))
    assert.ok(!message.fits({ id: 'x', hashes: ['a', 'b', 'c'] }, 'v2'))
    assert.ok(!message.fits({ id: 'x', hashes: ['1'] }, 'v2'))
    for (const value of [null, [], 'x', undefined]) assert.ok(!message.fits(value, 'v2'))
  })

  it('writes what a client of these specs knows', () => {
    const all = { id: 'x', hashes: ['a'], pin: 'p', mode: 'S', nested: { old: true, fresh: true } } as const
    const { hashes, pin, mode, nested, id } = all
    assert.deepEqual(message.written(all, '1.0.3.0'), { id, hash: hashes, pin, nested: { old: true } })
    assert.deepEqual(message.written(all, '2.0.0.0'), { id, hashes, mode, nested: { old: true } })
    assert.deepEqual(message.written(all, '2.2.0.0'), { id, hashes, mode, nested })
  })

  it('has bounds', () => {
    const count = integer({ min: 1, max: 3 })
    assert.deepEqual(
      [1, 3, 0, 4, 1.5, '1'].map(value => count.fits(value, 'v2')),
      [true, true, false, false, false, false],
    )
    assert.deepEqual(orNull(count).schema('v2'), { anyOf: [count.schema('v2'), { type: 'null' }] })
    assert.ok(orNull(count).fits(null, 'v2'))
    assert.ok(lenient(count).fits('many', 'v1'))
  })

  it('is a type for handlers and one for the clients of each edition', () => {
    const handler: ObjectOf<typeof message.members> = { id: 'x', hashes: ['a'], mode: 'A' }
    const v1: InEdition<typeof message, 'v1'> = { id: 'x', sad: 'y', hash: ['a'] }
    const v2: InEdition<typeof message, 'v2'> = { id: 'x', hashes: ['a'] }
    // @ts-expect-error v1 spells it hash
    const misspelt: InEdition<typeof message, 'v1'> = { id: 'x', sad: 'y', hashes: ['a'] }
    // @ts-expect-error and v2 has no PIN
    const surplus: InEdition<typeof message, 'v2'> = { id: 'x', hashes: ['a'], pin: 'p' }
    assert.equal([handler, v1, v2, misspelt, surplus].length, 5)
  })
})
