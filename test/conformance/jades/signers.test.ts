/**
 * Several signers: beside one another (general JSON, RFC 7515, 7.2.1) and one over the other (TS 119 182-1 V1.2.1, 5.3.2).
 */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  addCounterSignature,
  completeJades,
  contentToCounterSign,
  type UnsignedForm,
} from '@natsuin/ades/jades'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { type Entity, issue, issuing, SIGNER, signer, statusSource } from '@natsuin/testing/pki'
import { generalVerify } from 'jose'
import {
  ATTACHED,
  augment,
  encoded,
  flattened,
  lasting,
  PAYLOAD,
  prepare,
  said,
  sign,
  verify,
  verifyAll,
} from './signing.ts'

const second = await issue({ name: 'Taro Suzuki', issuer: issuing, keyType: 'ec-p384', extensions: SIGNER })
const refusal = (code: string) => ({ name: 'AdesRefusal', code })

async function signBeside(
  jws: string,
  by: Entity,
  content = ATTACHED,
  level?: 'B-T' | 'B-LTA',
): Promise<string> {
  const prepared = await prepare(content, { by })
  const value = by.sign(prepared.signingInput)
  return completeJades(prepared, value, { ...lasting(), beside: jws, ...(level && { level }) })
}

interface General {
  readonly payload?: string
  readonly signatures: readonly ReturnType<typeof flattened>[]
}

const general = (jws: string) => JSON.parse(jws) as General

describe('signers beside one another', () => {
  it('have a verdict each, and jose verifies both', async () => {
    const jws = await signBeside(await sign(), second)
    const verdicts = await verifyAll(jws)
    assert.deepEqual(verdicts.map(said), ['TOTAL-PASSED B-B', 'TOTAL-PASSED B-B'])
    assert.deepEqual(
      verdicts.map(({ facts }) => facts.signer),
      ['CN=Hanako Yamada', 'CN=Taro Suzuki'],
    )
    for (const { certificate } of [signer, second])
      await generalVerify(JSON.parse(jws), new X509Certificate(certificate.bytes).publicKey)
  })

  it('leave the signatures of others as they are, at whatever level each is', async () => {
    const first = await sign(ATTACHED, { level: 'B-LTA' })
    const jws = await signBeside(first, second, ATTACHED, 'B-T')
    const { payload: _, ...unchanged } = flattened(first)
    assert.deepEqual(general(jws).signatures[0], unchanged)
    assert.deepEqual((await verifyAll(jws)).map(said), ['TOTAL-PASSED B-LTA', 'TOTAL-PASSED B-T'])
    const third = await signBeside(jws, signer)
    assert.equal(general(third).signatures.length, 3)
  })

  it('are all raised, those that are there already apart', async () => {
    const jws = await signBeside(await sign(ATTACHED, { level: 'B-T' }), second)
    const raised = await augment(jws, 'B-T')
    assert.deepEqual((await verifyAll(raised)).map(said), ['TOTAL-PASSED B-T', 'TOTAL-PASSED B-T'])
    assert.deepEqual(general(raised).signatures[0], general(jws).signatures[0])
    const archived = await augment(raised, 'B-LTA')
    assert.deepEqual((await verifyAll(archived)).map(said), ['TOTAL-PASSED B-LTA', 'TOTAL-PASSED B-LTA'])
    await assert.rejects(augment(archived, 'B-LT'), refusal('level-already-reached'))
  })

  it('are over one payload, signed in one way', async () => {
    const first = await sign()
    const other = { kind: 'attached', payload: utf8('another') } as const
    await assert.rejects(signBeside(first, second, other), refusal('content-differs'))
    const unencoded = { ...ATTACHED, kind: 'attached', payload: PAYLOAD, unencoded: true } as const
    await assert.rejects(signBeside(first, second, unencoded), refusal('content-differs'))
    await assert.rejects(signBeside('{}', second), refusal('signature-unreadable'))
  })
})

interface Countersigning {
  readonly by?: Entity
  readonly serialization?: 'compact' | 'flattened'
  readonly unsigned?: UnsignedForm
  readonly level?: 'B-T'
}

async function counterSign(
  jws: string,
  { by = second, unsigned = 'encoded', ...wishes }: Countersigning = {},
) {
  return addCounterSignature(jws, await sign(contentToCounterSign(jws), { by, ...wishes }), { unsigned })
}

const countersOf = async (jws: string) => (await verify(jws)).facts.counterSignatures ?? []

describe('a counter-signature', () => {
  for (const serialization of ['compact', 'flattened'] as const)
    for (const unsigned of ['encoded', 'clear'] as const)
      it(`that is ${serialization} stands among ${unsigned} values, and has a verdict of its own`, async () => {
        const jws = await counterSign(await sign(), { serialization, unsigned })
        assert.equal(said(await verify(jws)), 'TOTAL-PASSED B-B')
        const [counter] = await countersOf(jws)
        assert.equal(counter && said(counter), 'TOTAL-PASSED B-B')
        assert.equal(counter?.facts.signer, 'CN=Taro Suzuki')
      })

  it('may have a time-stamp, and be counter-signed itself', async () => {
    const inner = await counterSign(await sign(contentToCounterSign(await sign()), { by: second }), {
      by: signer,
    })
    assert.equal(flattened(inner).header?.etsiU.length, 1)
    const jws = await sign()
    const counter = await sign(contentToCounterSign(jws), { by: second, level: 'B-T' })
    const nested = addCounterSignature(jws, await counterSign(counter, { by: signer }))
    const [verdict] = await countersOf(nested)
    assert.equal(verdict && said(verdict), 'TOTAL-PASSED B-T')
    assert.deepEqual(verdict?.facts.counterSignatures?.map(said), ['TOTAL-PASSED B-B'])
  })

  it('lasts with what it is over, its signer’s data included', async () => {
    const jws = await counterSign(await sign(ATTACHED, { level: 'B-T' }), { level: 'B-T' })
    const archived = await augment(jws, 'B-LTA')
    assert.equal(said(await verify(archived)), 'TOTAL-PASSED B-LTA')
    assert.equal((await countersOf(archived)).length, 1)
    const revoked = new Map([[second.certificate, new Date('2026-02-01T00:00:00Z')]])
    await assert.rejects(
      augment(jws, 'B-LTA', { revocation: statusSource({ revoked }) }),
      refusal('certificate-revoked'),
    )
  })

  it('may come after an archive time-stamp, and does not spoil it', async () => {
    const jws = await counterSign(await sign(ATTACHED, { level: 'B-LTA' }))
    assert.equal(said(await verify(jws)), 'TOTAL-PASSED B-LTA')
    assert.equal(said(await verify(await augment(jws, 'B-LTA'))), 'TOTAL-PASSED B-LTA')
  })

  it('over another signature, or that is none, is told, and says nothing against what it stands in (T-JAD-03)', async () => {
    const elsewhere = await sign(contentToCounterSign(await sign()), { by: second })
    const attached = { ...flattened(elsewhere), payload: toBase64url(new Uint8Array(64)) }
    const typed = await sign(contentToCounterSign(await sign()), { by: second, contentType: 'text/plain' })
    const variants = [
      [JSON.parse(elsewhere), /^SIG_CRYPTO_FAILURE/],
      [attached, /^HASH_FAILURE/],
      [JSON.parse(typed), /^FORMAT_FAILURE: cSig: cty/],
      ['a.b', /^FORMAT_FAILURE/],
      [7, /^FORMAT_FAILURE/],
    ] as const
    for (const [cSig, expected] of variants) {
      const jws = { ...flattened(await sign()), header: { etsiU: [encoded({ cSig })] } }
      assert.equal(said(await verify(JSON.stringify(jws))), 'TOTAL-PASSED B-B')
      const [counter] = await countersOf(JSON.stringify(jws))
      assert.match(counter ? said(counter) : '', expected)
    }
  })

  it('is read four deep, and no deeper', async () => {
    const chain = [await sign()]
    for (const _ of [1, 2, 3, 4, 5]) chain.push(await sign(contentToCounterSign(chain.at(-1) ?? '')))
    const nested = chain.reduceRight((inner, outer) => addCounterSignature(outer, inner))
    const verdicts = [await verify(nested)]
    for (const { facts } of verdicts) verdicts.push(...(facts.counterSignatures ?? []))
    assert.deepEqual(verdicts.map(said), [
      ...Array.from({ length: 5 }, () => 'TOTAL-PASSED B-B'),
      'FORMAT_FAILURE: counter-signatures nested too deeply',
    ])
  })

  it('needs the signature that it is over', async () => {
    const jws = await sign()
    assert.throws(() => contentToCounterSign(jws, 1), refusal('signature-missing'))
    assert.throws(() => addCounterSignature(jws, jws, { index: 1 }), refusal('signature-missing'))
    const two = await signBeside(jws, second)
    assert.throws(() => addCounterSignature(jws, two), refusal('signature-unreadable'))
  })

  it('in JSON of a compact signature makes that flattened', async () => {
    const compact = await sign(ATTACHED, { serialization: 'compact' })
    const jws = await counterSign(compact)
    assert.equal(said(await verify(jws)), 'TOTAL-PASSED B-B')
    assert.equal((await countersOf(jws)).length, 1)
  })
})
