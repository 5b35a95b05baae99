/**
 * Counter-signatures: somebody signs the value of another signature, and nothing else (EN 319 122-1 V1.3.1, 5.2.7;
 * RFC 5652, 11.4).
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  bytesSource,
  completeCounterSignature,
  type PrepareCounterSignatureOptions,
  prepareCounterSignature,
} from '@natsuin/ades/cades'
import type { Verdict } from '@natsuin/ades/validation'
import { OID } from '@natsuin/pki/asn1'
import {
  addUnsignedAttribute,
  attribute,
  counterSignatureValuesOf,
  extendSignedData,
  parseCounterSignature,
  parseSignedData,
} from '@natsuin/pki/cms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { openssl } from '@natsuin/testing/judges'
import {
  type Entity,
  issue,
  issuing,
  NOW,
  SIGNER,
  signer,
  signingAs,
  statusSource,
  timeStampToken,
} from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { augment, CONTENT, sign, verify, verifyAll } from './signing.ts'

const notary = await issue({ name: 'Notary', issuer: issuing, keyType: 'ec-p384', extensions: SIGNER })
const content = bytesSource(CONTENT)
const folder = temporaryFolder()

interface Wishes extends Partial<Omit<PrepareCounterSignatureOptions, 'platform'>> {
  readonly by?: Entity
  readonly withTimeStamp?: boolean
}

const prepare = (signature: Uint8Array, { by = notary, ...wishes }: Wishes = {}) =>
  prepareCounterSignature(signature, {
    ...signingAs(by),
    ...wishes,
  })

async function counterSign(signature: Uint8Array, wishes: Wishes = {}): Promise<Uint8Array> {
  const { by = notary, withTimeStamp = true, index } = wishes
  const prepared = await prepare(signature, wishes)
  return completeCounterSignature(signature, prepared, by.sign(prepared.signedAttributes), {
    platform: nodePlatform,
    ...(index === undefined ? {} : { index }),
    ...(withTimeStamp ? { timeStamp: (imprint, algorithm) => timeStampToken(imprint, algorithm) } : {}),
  })
}

const counters = ({ facts }: Verdict) =>
  facts.counterSignatures?.map(({ indication, facts: own }) => [indication, own.signer, own.level]) ?? []

describe('a counter-signature', () => {
  it('has a verdict of its own, at its own level', async () => {
    for (const level of ['B-B', 'B-T']) {
      const signature = await counterSign(await sign(), { withTimeStamp: level === 'B-T' })
      const verdict = await verify(signature)
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
      assert.deepEqual(counters(verdict), [['TOTAL-PASSED', 'CN=Notary', level]])
    }
  })

  it('is over the octets of the value, names no content, and holds by openssl', async () => {
    const [signerInfo] = parseSignedData(await counterSign(await sign())).signerInfos
    assert.ok(signerInfo !== undefined)
    const counter = parseCounterSignature(counterSignatureValuesOf(signerInfo)[0] ?? assert.fail())
    assert.equal(counter.signedAttributes?.contentType, undefined)
    const digest = await nodePlatform.digest('sha384', signerInfo.signature)
    assert.deepEqual(counter.signedAttributes?.messageDigest, digest)
    const file = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    const certificate = file('notary.pem', toPem('CERTIFICATE', notary.certificate.bytes))
    const key = file('key.pem', openssl('x509', '-pubkey', '-noout', '-in', certificate))
    const value = ['-signature', file('value', counter.signature)]
    const over = file('attributes', counter.signedAttributes?.bytes ?? assert.fail())
    assert.match(openssl('dgst', '-sha384', '-verify', key, ...value, over), /Verified OK/)
  })

  it('is over one of several signers, and several may be over one', async () => {
    const second = await issue({ name: 'Taro', issuer: issuing, extensions: SIGNER })
    const both = await sign({ by: second, beside: await sign() })
    const once = await counterSign(both, { index: 1 })
    const twice = await counterSign(once, { index: 1, by: signer })
    const [first, other] = await verifyAll(twice)
    assert.deepEqual(
      [first, other].map(verdict => verdict?.indication),
      ['TOTAL-PASSED', 'TOTAL-PASSED'],
    )
    assert.ok(first !== undefined && other !== undefined)
    assert.deepEqual(counters(first), [])
    assert.deepEqual(
      counters(other).map(([, name]) => name),
      ['CN=Notary', 'CN=Hanako Yamada'],
    )
    await assert.rejects(counterSign(both, { index: 2 }), { code: 'signature-missing' })
  })

  it('says what its signer claims', async () => {
    const claims = { claimedRoles: ['公証人'], signerLocation: { country: 'JP' } }
    const { facts } = await verify(await counterSign(await sign(), { claims }))
    assert.deepEqual(facts.counterSignatures?.[0]?.facts.claims, claims)
  })

  it('over another value says nothing of this one, nor does what is none (T-CMS-06)', async () => {
    const other = parseSignedData(await counterSign(await sign())).signerInfos[0]?.unsignedAttributes?.all
    const foreign = other?.find(({ oid }) => oid === OID.counterSignature)?.bytes ?? assert.fail()
    const nothing = attribute(OID.counterSignature, Uint8Array.of(0x30, 0))
    for (const [added, reason] of [
      [foreign, 'message-digest-mismatch'],
      [nothing, /^DER: /],
    ] as const) {
      const { indication, facts } = await verify(addUnsignedAttribute(await sign(), added))
      assert.equal(indication, 'TOTAL-PASSED')
      const [counter] = facts.counterSignatures ?? []
      assert.ok(counter !== undefined && 'reason' in counter)
      if (typeof reason === 'string') assert.equal(counter.reason, reason)
      else assert.match(counter.reason, reason)
    }
  })

  it('is not put over another value than it was prepared for', async () => {
    const prepared = await prepare(await sign())
    const value = notary.sign(prepared.signedAttributes)
    const another = await sign({ content: bytesSource(utf8('another')) })
    await assert.rejects(completeCounterSignature(another, prepared, value, { platform: nodePlatform }), {
      code: 'content-differs',
    })
  })

  it('cannot stand for a signature over a content', async () => {
    const [signerInfo] = parseSignedData(await counterSign(await sign())).signerInfos
    const counter = counterSignatureValuesOf(signerInfo ?? assert.fail())[0] ?? assert.fail()
    const promoted = extendSignedData(await sign(), { signerInfos: [counter] })
    const verdicts = await verifyAll(promoted)
    assert.ok(verdicts.every(({ indication }) => indication === 'TOTAL-FAILED'))
  })
})

describe('a counter-signature that lasts', () => {
  const levels = async (signature: Uint8Array, at = NOW) => {
    const verdict = await verify(signature, { content, at })
    return [verdict.facts.level, verdict.facts.counterSignatures?.[0]?.facts.level]
  }

  it('is made to last with the signature that it is over', async () => {
    const signature = await counterSign(await sign())
    assert.deepEqual(await levels(await augment(signature, 'B-LT')), ['B-LT', 'B-LT'])
    assert.deepEqual(await levels(await augment(signature, 'B-LTA')), ['B-LTA', 'B-LTA'])
  })

  it('may come after the archive time-stamp, which stays valid, and is protected by the next (5.5.2, note 6)', async () => {
    const later = await counterSign(await augment(await sign(), 'B-LTA'))
    assert.deepEqual(await levels(later), ['B-LTA', 'B-T'])
    assert.deepEqual(await levels(await augment(later, 'B-LT')), ['B-LTA', 'B-LT'])
    assert.deepEqual(await levels(await augment(later, 'B-LTA')), ['B-LTA', 'B-LTA'])
  })

  it('outlives its certificate, and renewal does not ask about it again', async () => {
    const days = (count: number) => new Date(NOW.getTime() + count * 24 * 60 * 60 * 1000)
    const by = await issue({ name: 'Brief', issuer: issuing, extensions: SIGNER, notAfter: days(30) })
    const signature = await augment(await counterSign(await sign(), { by }), 'B-LTA')
    const renewed = await augment(signature, 'B-LTA', { at: days(60), revocation: statusSource() })
    assert.deepEqual(await levels(renewed, days(90)), ['B-LTA', 'B-LTA'])
  })

  it('is not made to last when its certificate is revoked', async () => {
    const revocation = statusSource({ revoked: new Map([[notary.certificate, new Date(NOW.getTime() - 1)]]) })
    await assert.rejects(augment(await counterSign(await sign()), 'B-LT', { revocation }), {
      code: 'certificate-revoked',
    })
    await augment(await sign(), 'B-LT', { revocation })
  })
})
