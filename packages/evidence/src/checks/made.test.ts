import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { type KeyType, keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { nodePlatform } from '@natsuin/pki/node'
import type { MadeRepresentation } from '@natsuin/protocol/evidence'
import { derivedAttributes } from './derived-attributes.ts'
import { checkMade, type Making } from './made.ts'

const ACCEPTED = Date.parse('2026-06-01T12:00:00.700Z')
const COMPLETED = Date.parse('2026-06-01T12:00:05.200Z')

const certificate = new Uint8Array(randomBytes(900))

const documentOf = (algorithm: SignatureAlgorithm) =>
  nodePlatform.digest(signatureAlgorithms[algorithm].digest, new Uint8Array(randomBytes(10)))

function makingFor(keyType: KeyType): Making {
  return {
    attestation: { keyType, level: 3 },
    certificate,
    leaves: { sadAccepted: { at: ACCEPTED }, completed: { at: COMPLETED } },
    platform: nodePlatform,
  }
}

async function madeOf(algorithm: SignatureAlgorithm, signingTime: Date | undefined) {
  const documentDigest = await documentOf(algorithm)
  const origin = { documentDigest, certificate, algorithm, signingTime }
  const signedAttributes = await derivedAttributes(origin, nodePlatform)
  const dtbsr = await nodePlatform.digest(signatureAlgorithms[algorithm].digest, signedAttributes)
  const made: MadeRepresentation = { madeBy: 'sam', hashType: 'sdr', documentDigest, signedAttributes }
  return { made, dtbsr }
}

const ALGORITHMS = (Object.keys(keyTypes) as KeyType[]) // the keys of a table that is complete by its type
  .flatMap(keyType => keyTypes[keyType].signs.map(algorithm => ({ keyType, algorithm })))

describe('what follows from an approved digest and a certificate', () => {
  it('is what signed attributes of a baseline signature are, for every algorithm', async () => {
    const signingTime = new Date('2026-06-01T12:00:03Z')
    for (const { algorithm } of ALGORITHMS) {
      const messageDigest = await documentOf(algorithm)
      const origin = { documentDigest: messageDigest, certificate, algorithm }
      const { digest: digestAlgorithm } = signatureAlgorithms[algorithm]
      const signingCertificate = await essCertIdOf(certificate, digestAlgorithm, nodePlatform)
      assert.deepEqual(
        await derivedAttributes({ ...origin, signingTime: undefined }, nodePlatform),
        buildSignedAttributes({ messageDigest, signingCertificate }),
      )
      const algorithmProtection = { digestAlgorithm, signatureAlgorithm: algorithm }
      assert.deepEqual(
        await derivedAttributes({ ...origin, signingTime }, nodePlatform),
        buildSignedAttributes({ messageDigest, signingCertificate, signingTime, algorithmProtection }),
      )
    }
  })

  it('is found for every algorithm of a key, with a time and without', async () => {
    for (const { keyType, algorithm } of ALGORITHMS) {
      for (const time of [new Date('2026-06-01T12:00:03Z'), undefined]) {
        assert.equal(await checkMade(await madeOf(algorithm, time), makingFor(keyType)), 'derived')
      }
    }
  })

  it('holds the second of an activation, and no other time', async () => {
    const at = async (time: string) =>
      checkMade(await madeOf('ecdsa-sha256', new Date(time)), makingFor('ec-p256'))
    for (const time of ['2026-06-01T12:00:00Z', '2026-06-01T12:00:05Z'])
      assert.equal(await at(time), 'derived')
    for (const time of ['2026-06-01T11:59:59Z', '2026-06-01T12:00:06Z', '2006-06-01T12:00:03Z']) {
      await assert.rejects(at(time), { reason: 'representation-differs' })
    }
  })

  it('is for this certificate, and for the digest that was signed', async () => {
    const signed = await madeOf('ecdsa-sha256', undefined)
    const making = makingFor('ec-p256')
    const foreign = { ...making, certificate: new Uint8Array(900) }
    await assert.rejects(checkMade(signed, foreign), { reason: 'representation-differs' })
    const dtbsr = await documentOf('ecdsa-sha256')
    await assert.rejects(checkMade({ ...signed, dtbsr }, making), { reason: 'representation-differs' })
    const none = { ...signed.made, signedAttributes: Uint8Array.of(0x31, 0) } as const
    await assert.rejects(checkMade({ ...signed, made: none as MadeRepresentation }, making), {
      reason: 'representation-differs',
    })
    assert.equal(await checkMade(signed, making), 'derived')
  })
})
