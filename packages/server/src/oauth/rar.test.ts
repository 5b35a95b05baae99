import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { RequestedItem } from '@natsuin/protocol/request'
import { JsonRefused, ShapeError } from '@natsuin/protocol/shape'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { readDetailsText, sameDetails } from './rar.ts'

const lengthOf = (item: RequestedItem | undefined) =>
  item !== undefined && 'dtbsr' in item ? item.dtbsr.length : 0

const good = () => ({
  type: 'credential',
  credentialID: 'credential-1',
  documentDigests: [{ hash: randomBytes(32).toString('base64'), label: '契約書' }],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
})

describe('authorization_details (CSC API v2.0.0.2, 8.4.4; RFC 9396)', () => {
  it('become a request with bytes, and a label where the client gave none', () => {
    const [first, second, prepared] = [randomBytes(48), randomBytes(48), randomBytes(32)]
    const documentDigests = [
      {
        hash: first.toString('base64'),
        label: 'A',
        dtbs: 'AAEC',
        documentDigest: prepared.toString('base64'),
      },
      { hash: second.toString('base64'), hashType: 'DTBSR' },
    ]
    const written = JSON.stringify([
      { ...good(), documentDigests, hashAlgorithmOID: '2.16.840.1.101.3.4.2.2' },
    ])
    assert.deepEqual(readDetailsText(written), {
      credentialId: 'credential-1',
      digestAlgorithm: 'sha384',
      items: [
        {
          label: 'A',
          dtbsr: new Uint8Array(first),
          dtbs: Uint8Array.of(0, 1, 2),
          documentDigest: new Uint8Array(prepared),
        },
        { label: '#2', dtbsr: new Uint8Array(second) },
      ],
      locations: [],
    })
  })

  it('that were mutated anywhere are refused or mean the same bytes as before, and never anything else (T-RAR-02)', () => {
    const written = JSON.stringify([good()])
    const before = JSON.stringify(JSON.parse(written)[0].documentDigests[0].hash)
    const mutated = fc.tuple(
      fc.nat(written.length - 1),
      fc.constantFrom('', '"', ',', '{', '}', '[', ']', 'A', '\\', ':'),
    )
    fc.assert(
      fc.property(mutated, ([at, insert]) => {
        const text = written.slice(0, at) + insert + written.slice(at + 1)
        try {
          const { items } = readDetailsText(text)
          assert.equal(items.length, 1)
          assert.ok(text.includes(before) || lengthOf(items[0]) === 32)
        } catch (error) {
          assert.ok(error instanceof ShapeError || error instanceof JsonRefused, String(error))
        }
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })

  it('are the same when their JSON is, in whatever order and spelling', () => {
    const one = good()
    const { type, ...rest } = one
    assert.ok(sameDetails([one], [{ ...rest, type }]))
    assert.ok(!sameDetails([one], [{ ...one, credentialID: 'credential-2' }]))
    assert.ok(!sameDetails([one], [one, one]))
    assert.ok(!sameDetails([{ a: [1, 2] }], [{ a: [2, 1] }]))
  })
})
