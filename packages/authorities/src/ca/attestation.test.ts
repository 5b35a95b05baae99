import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodeKeyPlatform } from '@natsuin/pki/node'
import { buildEcPrivateKeyInfo } from '@natsuin/pki/pkcs8'
import { toWire } from '@natsuin/protocol/approval'
import { refuses } from '../fixture/refuses.ts'
import { attestation, DEPLOYMENT, fixtureSam, newPublicKey } from '../fixture/sam.ts'
import { type AttestationPolicy, VerifiedAttestation } from './attestation.ts'

const NOW = new Date(1_790_000_000_000)
const sam = fixtureSam()
const policy: AttestationPolicy = { samKey: sam.spki, deployment: DEPLOYMENT, maxLevel: 1 }
const verify = (jws: string, changes: Partial<AttestationPolicy> = {}) =>
  VerifiedAttestation.verify(jws, { ...policy, ...changes }, NOW)

/** Of a secret on P-256. */
function newPublicKeyOf(secret: string): Uint8Array {
  const spki = nodeKeyPlatform.publicKey(buildEcPrivateKeyInfo('P-256', BigInt(`0x${secret}`)))
  return spki ?? new Uint8Array()
}

describe('the key attestation that a certificate rests on (sole control, 6)', () => {
  it('is accepted when the pinned SAM key signed it', async () => {
    const attested = attestation()
    assert.deepEqual((await verify(sam.attest(attested))).content, attested)
  })

  it('is refused when another key signed it', async () => {
    await refuses('attestation-invalid', verify(fixtureSam().attest(attestation())))
  })

  it('is refused when it is another kind of statement by the same key', async () => {
    await refuses('attestation-invalid', verify(sam.attest(attestation(), 'natsuin-ticket')))
  })

  it('is refused when anything in it was changed', async () => {
    const [head = '', , tail = ''] = sam.attest(attestation()).split('.')
    const changed = toBase64url(utf8(JSON.stringify(toWire(attestation()))))
    await refuses('attestation-invalid', verify(`${head}.${changed}.${tail}`))
  })

  it('is refused when it names no algorithm, or another header', async () => {
    const [, body = '', tail = ''] = sam.attest(attestation()).split('.')
    for (const header of ['{"alg":"none"}', '{"alg":"none","typ":"natsuin-key-attestation"}']) {
      await refuses('attestation-invalid', verify(`${toBase64url(utf8(header))}.${body}.${tail}`))
    }
  })

  it('is refused when it is no JWS at all', async () => {
    for (const text of ['', '.', '..', 'a.b.c', 'x'.repeat(1000)]) {
      await refuses('attestation-invalid', verify(text))
    }
  })

  it('is refused when it is of another deployment', async () => {
    const jws = sam.attest(attestation())
    await refuses('attestation-foreign', verify(jws, { deployment: 'Another' }))
    await verify(jws)
  })

  it('is refused above the level that is allowed here', async () => {
    const jws = sam.attest(attestation({ level: 3 }))
    await refuses('level-not-allowed', verify(jws, { maxLevel: 2 }))
    await verify(jws, { maxLevel: 3 })
  })

  it('is refused above level 1 for a software module, except in a test environment', async () => {
    const production = attestation({ level: 2, environment: 'production' })
    await refuses('level-not-allowed', verify(sam.attest(production), { maxLevel: 3 }))
    await verify(sam.attest({ ...production, environment: 'test' }), { maxLevel: 3 })
    await verify(sam.attest({ ...production, softwareModule: false }), { maxLevel: 3 })
  })

  it('is refused above level 1 for a key that was not made and kept in the module', async () => {
    for (const provenance of [{ local: false }, { alwaysSensitive: false }]) {
      await refuses(
        'level-not-allowed',
        verify(sam.attest(attestation({ level: 2, ...provenance })), { maxLevel: 3 }),
      )
      await verify(sam.attest(attestation(provenance)))
    }
  })

  it('is refused when it says that an imported key was made in the module (T-KEY-10)', async () => {
    const imported = { origin: 'imported', local: false, alwaysSensitive: false } as const
    await verify(sam.attest(attestation(imported)))
    await refuses('attestation-invalid', verify(sam.attest(attestation({ ...imported, local: true }))))
    await refuses(
      'level-not-allowed',
      verify(sam.attest(attestation({ ...imported, level: 2 })), { maxLevel: 3 }),
    )
  })

  it('is refused when anybody can compute the key', async () => {
    // RFC 6979, A.2.5.
    const published = newPublicKeyOf('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721')
    await refuses('attestation-invalid', verify(sam.attest(attestation({ publicKey: published }))))
  })

  it('is refused when the key is not of the kind it says', async () => {
    const other = attestation({ publicKey: newPublicKey('ec-p384') })
    await refuses('attestation-invalid', verify(sam.attest(other)))
    await refuses('attestation-invalid', verify(sam.attest(attestation({ publicKey: new Uint8Array(91) }))))
    await verify(sam.attest({ ...other, keyType: 'ec-p384' }))
  })

  it('is refused when it comes from the future, a minute apart', async () => {
    const seconds = NOW.getTime() / 1000
    await verify(sam.attest(attestation({ issuedAt: seconds + 60 })))
    await refuses('attestation-invalid', verify(sam.attest(attestation({ issuedAt: seconds + 61 }))))
  })
})
