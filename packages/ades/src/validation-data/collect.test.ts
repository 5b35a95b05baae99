import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OID } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { extKeyUsage, keyUsage, ocspNoCheck } from '@natsuin/pki/x509'
import {
  chain,
  crlOf,
  type Entity,
  entityOf,
  issue,
  issuing,
  NOT_AFTER,
  NOW,
  ocspAnswerOf,
  root,
  signer,
  statusSource,
  timeStampingUnit,
} from '@natsuin/testing/pki'
import { AdesRefusal } from '../refusal.ts'
import { type CollectOptions, collectValidationData, type Subject } from './collect.ts'
import type { RevocationSource } from './revocation-source.ts'

const HOUR = 60 * 60 * 1000
const SIGNER: Subject = { certificate: signer.certificate.bytes, purpose: 'signing' }
const UNIT: Subject = { certificate: timeStampingUnit.certificate.bytes, purpose: 'time-stamping' }

const collect = (wishes: Partial<CollectOptions> = {}) =>
  collectValidationData({
    subjects: [SIGNER],
    untrusted: chain,
    trustAnchors: [root.certificate.bytes],
    at: NOW,
    revocation: statusSource(),
    platform: nodePlatform,
    ...wishes,
  })

const refusal = (code: string) => ({ name: 'AdesRefusal', code })
const has = (list: readonly Uint8Array[], { certificate }: Entity) =>
  list.some(der => equal(der, certificate.bytes))

describe('validation data (EN 319 142-1 V1.2.1, 5.4.1)', () => {
  it('are the path, the status of each certificate below the anchor, and the responders', async () => {
    const { certificates, ocspResponses, crls } = await collect()
    for (const entity of [signer, issuing, root]) assert.ok(has(certificates, entity))
    assert.deepEqual([certificates.length, ocspResponses.length, crls.length], [5, 2, 0])
  })

  it('may be CRLs', async () => {
    const { certificates, ocspResponses, crls } = await collect({ revocation: statusSource({ kind: 'crl' }) })
    assert.deepEqual([certificates.length, ocspResponses.length, crls.length], [3, 0, 2])
  })

  it('may come from responders that hash with SHA-256, and from the issuer itself', async () => {
    const revocation: RevocationSource = async ({ certificate, issuer, at }) => {
      const entity = entityOf(issuer)
      const status = { thisUpdate: at, responder: entity, hash: 'sha256' as const }
      return { kind: 'ocsp', der: await ocspAnswerOf(certificate, entity, status) }
    }
    assert.equal((await collect({ revocation })).certificates.length, 3)
  })

  it('are there once for several signers and their time-stamps', async () => {
    const { certificates, ocspResponses } = await collect({ subjects: [SIGNER, UNIT, SIGNER] })
    assert.deepEqual([certificates.length, ocspResponses.length], [6, 3])
  })

  it('may be a little newer than the question, since clocks differ', async () => {
    const later = (seconds: number) => statusSource({ thisUpdate: new Date(NOW.getTime() + seconds * 1000) })
    await collect({ revocation: later(300) })
    await assert.rejects(collect({ revocation: later(301) }), refusal('status-invalid'))
  })

  it('have the status of a responder too, unless it is said not to be checked (RFC 6960, 4.2.2.2.1)', async () => {
    const answers = async (extensions: readonly Uint8Array[]) => {
      const usage = [keyUsage('digitalSignature'), extKeyUsage([OID.ocspSigning], { critical: false })]
      const responder = await issue({
        name: 'Responder',
        issuer: root,
        extensions: [...usage, ...extensions],
      })
      const asked: string[] = []
      const revocation: RevocationSource = async ({ certificate, at }) => {
        asked.push(certificate.subject.text)
        return { kind: 'ocsp', der: await ocspAnswerOf(certificate, root, { thisUpdate: at, responder }) }
      }
      await collect({ subjects: [UNIT], revocation })
      return asked
    }
    assert.deepEqual(await answers([ocspNoCheck()]), ['CN=PAdES Test TSU'])
    // Its own status is signed by itself, and then nobody else is left to ask.
    assert.deepEqual(await answers([]), ['CN=PAdES Test TSU', 'CN=Responder'])
  })
})

describe('validation data are refused', () => {
  it('where there is no path', async () => {
    await assert.rejects(collect({ untrusted: [] }), refusal('no-path'))
    await assert.rejects(collect({ trustAnchors: [] }), refusal('no-path'))
  })

  it('without asking anybody about a certificate that no trust anchor stands for (T-SSRF-07)', async () => {
    const revocation: RevocationSource = () => assert.fail('asked')
    await assert.rejects(collect({ trustAnchors: [], revocation }), refusal('no-path'))
  })

  it('where a certificate is not valid', async () => {
    await assert.rejects(
      collect({ at: new Date(NOT_AFTER.getTime() + 1000) }),
      refusal('certificate-expired'),
    )
  })

  it('where a certificate is revoked, unless its use is proven from before', async () => {
    const revokedAt = new Date(NOW.getTime() - HOUR)
    const revocation = statusSource({ revoked: new Map([[issuing.certificate, revokedAt]]) })
    const usedBefore = (offset: number) => [{ ...SIGNER, usedBefore: new Date(revokedAt.getTime() + offset) }]
    await assert.rejects(collect({ revocation }), refusal('certificate-revoked'))
    for (const offset of [0, 1])
      await assert.rejects(
        collect({ revocation, subjects: usedBefore(offset) }),
        refusal('certificate-revoked'),
      )
    await collect({ revocation, subjects: usedBefore(-1) })
  })

  it('where a source has nothing', async () => {
    const revocation: RevocationSource = async () => {
      throw new AdesRefusal('status-unavailable')
    }
    await assert.rejects(collect({ revocation }), refusal('status-unavailable'))
  })

  const stale = { thisUpdate: new Date(NOW.getTime() - 3 * HOUR), nextUpdate: new Date(NOW.getTime() - HOUR) }
  const USELESS: Readonly<Record<string, RevocationSource>> = {
    'stale answers': statusSource(stale),
    'stale lists': statusSource({ kind: 'crl', ...stale }),
    'bytes that are no answer': async () => ({ kind: 'ocsp', der: Uint8Array.of(0x30, 0) }),
    'bytes that are no list': async () => ({ kind: 'crl', der: new Uint8Array() }),
    'answers about another certificate': async ({ issuer, at }) => ({
      kind: 'ocsp',
      der: await ocspAnswerOf(root.certificate, entityOf(issuer), { thisUpdate: at }),
    }),
    'answers of a responder that another authority delegated': async ({ certificate, issuer, at }) => {
      const usage = [keyUsage('digitalSignature'), extKeyUsage([OID.ocspSigning], { critical: false })]
      const responder = await issue({ name: 'Stranger', issuer: timeStampingUnit, extensions: usage })
      const der = await ocspAnswerOf(certificate, entityOf(issuer), { thisUpdate: at, responder })
      return { kind: 'ocsp', der }
    },
    'lists of another authority': async ({ certificate, at }) => ({
      kind: 'crl',
      der: await crlOf(certificate, signer, { thisUpdate: at }),
    }),
  }
  for (const [name, revocation] of Object.entries(USELESS)) {
    it(`when they would rest on ${name} (T-REV-08, T-REV-09)`, () =>
      assert.rejects(collect({ revocation }), refusal('status-invalid')))
  }
})
