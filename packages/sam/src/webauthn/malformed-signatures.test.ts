/**
 * Wycheproof's malformed ECDSA signatures as the answers of an authenticator (threats T-WA-12), from the folder that
 * NATSUIN_CORPORA names.
 *
 * An authenticator does not sign Wycheproof's messages. Where a vector only spells a good signature differently, its
 * spelling is put on the numbers of an honest assertion, so that nothing but the spelling can be the reason; the others are
 * put in as they are.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { integer, sequence } from '@natsuin/pki/asn1'
import type { Assertion } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { ORIGIN, RP_ID } from '../fixture/place.ts'
import { checkAssertion, parseAssertion } from './assertion.ts'
import { checkRegistration } from './registration.ts'

const challenge = new Uint8Array(32).fill(4)
const honest = { rpId: RP_ID, origin: ORIGIN, challenge }
const expected = { challenge, relyingParty: { rpId: RP_ID, approvalOrigin: ORIGIN } }

const device = createSoftwareAuthenticator()
const key = checkRegistration(device.register(honest).registration, expected)

function isTaken(assertion: Assertion): boolean {
  try {
    checkAssertion(parseAssertion(assertion), key, expected)
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'assertion-invalid') return false
    throw error
  }
}

/** The two INTEGERs of a DER ECDSA-Sig-Value, content octets in hexadecimal. */
function integersOf(signature: string): readonly [string, string] {
  const [, r = '', rest = ''] = /^30..02(..)(.*)$/.exec(signature) ?? []
  const rEnd = 2 * Number.parseInt(r, 16)
  return [rest.slice(0, rEnd), rest.slice(rEnd + 4)]
}

/** An assertion whose numbers are as long as these: soon found, unless they are unusually short. */
function assertionLike(integers: readonly [string, string]): Assertion {
  for (let tries = 0; tries < 1000; tries++) {
    const assertion = device.assert(honest)
    const own = integersOf(Buffer.from(assertion.signature).toString('hex'))
    if (own.every((one, i) => one.length === integers[i]?.length)) return assertion
  }
  throw new Error('numbers that no signature has')
}

const isUsual = (integers: readonly [string, string]) =>
  integers.every(({ length }) => length === 64 || length === 66)

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'invalid'
}

const isValid = ({ result }: Vector) => result === 'valid'

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with the Wycheproof vectors'

describe('malformed signatures of an authenticator', () => {
  it('T-WA-12: are refused, every one of Wycheproof’s, and its good one is taken', { skip }, () => {
    const file = join(corpora ?? '', 'wycheproof', 'ecdsa_secp256r1_sha256_test.json')
    const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as {
      testGroups: readonly { tests: readonly Vector[] }[]
    }
    const spelt = { invalid: 0, valid: 0 }
    for (const { tests } of testGroups) {
      // The one that the malformed ones were made of, where a group has them.
      const good = tests.find(({ comment }) => comment === 'valid') ?? tests.find(isValid)
      const [r, s] = integersOf(good?.sig ?? '')
      const assertion = isUsual([r, s]) ? assertionLike([r, s]) : device.assert(honest)
      const [ownR, ownS] = integersOf(Buffer.from(assertion.signature).toString('hex'))
      for (const { tcId, comment, msg, sig, result } of tests) {
        const isSpelling: boolean = isUsual([r, s]) && msg === good?.msg && sig.includes(r) && sig.includes(s)
        const bytes = isSpelling ? sig.replace(r, ownR).replace(s, ownS) : sig
        const signature = new Uint8Array(Buffer.from(bytes, 'hex'))
        const taken = isTaken({ ...assertion, signature })
        assert.equal(taken, isSpelling && result === 'valid', `${tcId} ${comment} (${result})`)
        if (isSpelling) spelt[result] += 1
      }
    }
    assert.ok(spelt.invalid > 50 && spelt.valid > 0, JSON.stringify(spelt))
  })

  it('T-WA-12: are refused when r or s is zero, the order, or out of range', () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const assertion = device.assert(honest)
    const [r = 0n, s = 0n] = integersOf(Buffer.from(assertion.signature).toString('hex')).map(one =>
      BigInt(`0x${one}`),
    )
    const signature = (one: bigint, other: bigint) => sequence(integer(one), integer(other))
    const wrong: readonly (readonly [bigint, bigint])[] = [
      ...[0n, 1n, order, order - 1n, order + 1n, -1n, -s].map(other => [r, other] as const),
      ...[0n, order, order - 1n, order + 1n, r + order, -r].map(other => [other, s] as const),
      [r, s + order],
      [s, r],
    ]
    for (const [one, other] of wrong) {
      assert.equal(isTaken({ ...assertion, signature: signature(one, other) }), false, `${one}, ${other}`)
    }
    assert.ok(isTaken({ ...assertion, signature: signature(r, s) }))
  })

  it('T-WA-12: are refused whatever bytes they are', () => {
    const assertion = device.assert(honest)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), signature => !isTaken({ ...assertion, signature })),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})
