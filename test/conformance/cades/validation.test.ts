/**
 * What our verifier concludes of CAdES signatures (EN 319 102-1 V1.4.1, 5.1.3), one cause at a time. Each case differs in
 * one thing from a signature that passes.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/cades'
import { type SubIndication, type Verdict, verifyCades } from '@natsuin/ades/validation'
import { element, OID, octetString, parseDer, retag, sequence, set, TAG } from '@natsuin/pki/asn1'
import {
  assembleSignedData,
  attribute,
  buildSignedAttributes,
  essCertIdOf,
  extendSignedData,
  type SignedAttributesProfile,
  type SignedDataParts,
  withSigner,
} from '@natsuin/pki/cms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { chain, type Entity, issue, issuing, NOW, root, SIGNER, signer } from '@natsuin/testing/pki'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { attached, CONTENT, sign, verify, verifyAll } from './signing.ts'

interface Crafted {
  readonly by?: Entity
  readonly attributes?: Partial<SignedAttributesProfile>
  /** Replaces the signed attributes before they are signed. */
  readonly signed?: (attributes: Uint8Array) => Uint8Array
  readonly parts?: Partial<SignedDataParts>
}

/** A signature that is put together by hand, so that it can be wrong. */
async function craft({ by = signer, attributes, signed, parts }: Crafted = {}): Promise<Uint8Array> {
  const { signingTime = NOW, ...others } = attributes ?? {}
  const built = buildSignedAttributes({
    messageDigest: await nodePlatform.digest('sha256', CONTENT),
    signingCertificate: await essCertIdOf(by.certificate.bytes, 'sha256', nodePlatform),
    signingTime,
    ...others,
  })
  const signedAttributes = signed?.(built) ?? built
  return assembleSignedData({
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'ecdsa-sha256',
    signedAttributes,
    signature: by.sign(signedAttributes),
    signer: by.certificate,
    certificates: chain,
    ...parts,
  })
}

/** The signed attributes without those of this type. */
const without = (type: string) => (attributes: Uint8Array) =>
  set(
    ...parseDer(attributes)
      .children.filter(
        child => !Buffer.from(child.bytes).includes(Buffer.from(attribute(type).subarray(2, -2))),
      )
      .map(child => child.bytes),
  )

function assertEnds(verdict: Verdict | undefined, subIndication: SubIndication, reason: string | RegExp) {
  assert.ok(verdict !== undefined && verdict.indication !== 'TOTAL-PASSED')
  assert.equal(verdict.subIndication, subIndication)
  if (typeof reason === 'string') assert.equal(verdict.reason, reason)
  else assert.match(verdict.reason, reason)
}

describe('a CAdES signature', () => {
  it('may be put together by hand, as the failing ones below are', async () => {
    assert.equal((await verify(await craft())).indication, 'TOTAL-PASSED')
  })

  it('is judged at the time of its time-stamp, else at the verifier’s (NO_POE)', async () => {
    const short = await issue({
      name: 'Short',
      issuer: issuing,
      extensions: SIGNER,
      notAfter: new Date('2026-07-01'),
    })
    const content = bytesSource(CONTENT)
    const later = { content, at: new Date('2027-01-01') }
    assert.equal((await verify(await sign({ by: short }), later)).indication, 'TOTAL-PASSED')
    const stale = await verify(await sign({ by: short, withTimeStamp: false }), later)
    assertEnds(stale, 'OUT_OF_BOUNDS_NO_POE', 'expired')
    const clockless = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], content }
    const [verdict] = await verifyCades(bytesSource(await sign({ withTimeStamp: false })), clockless)
    assertEnds(verdict, 'NO_POE', 'no time at which to judge')
  })

  it('needs a content, and only one (T-CMS-02)', async () => {
    const detached = await sign()
    assertEnds(await verify(detached, {}), 'SIGNED_DATA_NOT_FOUND', 'content-missing')
    const both = await verify(await attached(detached), { content: bytesSource(CONTENT) })
    assertEnds(both, 'FORMAT_FAILURE', 'content-ambiguous')
    const digest = { digestAlgorithm: 'sha512' as const, digest: new Uint8Array(64) }
    assertEnds(await verify(detached, { content: digest }), 'SIGNED_DATA_NOT_FOUND', 'no digest by sha256')
  })

  it('over another content is none (T-CMS-02)', async () => {
    const content = bytesSource(concat(CONTENT, utf8('.')))
    assertEnds(await verify(await sign(), { content }), 'HASH_FAILURE', 'message-digest-mismatch')
  })

  it('without signed attributes, or with its attributes as its content, is none (T-CMS-01, T-CMS-02)', async () => {
    const signature = await craft()
    const signerInfo = parseDer(signature).children[1]?.children[0]?.children.at(-1)?.children[0]
    assert.ok(signerInfo !== undefined)
    const bare = sequence(...signerInfo.children.filter(({ tag }) => tag !== 0xa0).map(node => node.bytes))
    const fields = parseDer(signature).children[1]?.children[0]?.children ?? []
    const [type] = parseDer(signature).children
    const signedData = sequence(...fields.slice(0, -1).map(node => node.bytes), element(TAG.set, bare))
    const stripped = sequence(type?.bytes, element(0xa0, signedData))
    const attributes = signerInfo.children.find(({ tag }) => tag === 0xa0)?.bytes ?? new Uint8Array()
    for (const content of [CONTENT, retag(TAG.set, attributes)]) {
      const verdict = await verify(stripped, { content: bytesSource(content) })
      assertEnds(verdict, 'FORMAT_FAILURE', 'signed-attributes-missing')
    }
  })

  const MISSING: readonly (readonly [string, string, SubIndication])[] = [
    ['content-type', OID.contentType, 'FORMAT_FAILURE'],
    ['message-digest', OID.messageDigest, 'FORMAT_FAILURE'],
    ['signing-time', OID.signingTime, 'SIG_CONSTRAINTS_FAILURE'],
    ['signing-certificate-v2', OID.signingCertificateV2, 'SIG_CONSTRAINTS_FAILURE'],
  ]
  for (const [name, type, subIndication] of MISSING) {
    it(`without ${name} does not pass (T-CMS-01)`, async () => {
      assertEnds(await verify(await craft({ signed: without(type) })), subIndication, /./)
    })
  }

  it('with an attribute twice, or one with two values, is none (T-CMS-01)', async () => {
    const twice = (...added: readonly Uint8Array[]) => craft({ attributes: { further: added } })
    const digest = octetString(new Uint8Array(32))
    const claim = attribute(
      OID.mimeType,
      element(TAG.utf8String, utf8('a/b')),
      element(TAG.utf8String, utf8('c/d')),
    )
    for (const signature of [await twice(attribute(OID.messageDigest, digest)), await twice(claim)])
      assertEnds(await verify(signature), 'FORMAT_FAILURE', /duplicate/)
  })

  it('by a certificate that its reference does not mean is none (T-CMS-03)', async () => {
    const other = await issue({ name: 'Other', issuer: issuing, extensions: SIGNER })
    const signingCertificate = await essCertIdOf(other.certificate.bytes, 'sha256', nodePlatform)
    const signature = await craft({ attributes: { signingCertificate } })
    assertEnds(await verify(signature), 'NO_SIGNING_CERTIFICATE_FOUND', 'signing-certificate-mismatch')
  })

  it('whose algorithms disagree is none (T-CMS-04)', async () => {
    const algorithmProtection = { digestAlgorithm: 'sha512', signatureAlgorithm: 'ecdsa-sha512' } as const
    const protectedOther = await craft({ attributes: { algorithmProtection } })
    const announcedOther = await craft({ parts: { digestAlgorithm: 'sha512' } })
    for (const signature of [protectedOther, announcedOther])
      assertEnds(await verify(signature), 'FORMAT_FAILURE', 'algorithms-disagree')
  })

  it('over another type of content than data is no baseline signature', async () => {
    const contentType = OID.tstInfo
    const signature = await craft({ attributes: { contentType }, parts: { contentType } })
    assertEnds(await verify(signature), 'FORMAT_FAILURE', 'content type')
  })

  it('with a time-stamp that was made over another signature is at B-B (T-CMS-05)', async () => {
    const [token] =
      parseDer(await sign())
        .children[1]?.children[0]?.children.at(-1)
        ?.children[0]?.children.at(-1)?.children ?? []
    assert.ok(token !== undefined)
    const copied = extendSignedData(await craft(), { unsignedAttributes: new Map([[0, [token.bytes]]]) })
    const { facts } = await verify(copied)
    assert.deepEqual([facts.level, facts.timeStampProblem], ['B-B', 'imprint-mismatch'])
  })

  it('is judged for each signer: a good one hides no bad one, and no signer is no signature (T-CMS-06)', async () => {
    const good = await sign()
    const bad = await craft({ attributes: { messageDigest: new Uint8Array(32) } })
    for (const [signature, expected] of [
      [withSigner(good, bad), [true, false]],
      [withSigner(bad, good), [false, true]],
    ] as const) {
      const verdicts = await verifyAll(signature)
      assert.deepEqual(
        verdicts.map(({ indication }) => indication === 'TOTAL-PASSED'),
        expected,
      )
    }
    const fields = parseDer(good).children[1]?.children[0]?.children ?? []
    const nobody = sequence(...fields.slice(0, -1).map(node => node.bytes), set())
    const [type] = parseDer(good).children
    const verdicts = await verifyAll(sequence(type?.bytes, element(0xa0, nobody)))
    assert.equal(verdicts.length, 1)
    assertEnds(verdicts[0], 'FORMAT_FAILURE', 'no-signer')
  })

  it('is not blamed for a trust anchor that is no certificate', async () => {
    await assert.rejects(verify(await sign(), { trustAnchors: [CONTENT] }), { name: 'DerError' })
  })
})

describe('one changed byte', () => {
  const flipped = (bytes: Uint8Array, at: number, mask: number) => {
    const copy = bytes.slice()
    const place = at % bytes.length
    copy[place] = (copy[place] ?? 0) ^ mask
    return copy
  }
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
  const settings = { numRuns: rounds('mutation') / 4, seed: seed() }

  it('of the content is found', async () => {
    const signature = await sign()
    await fc.assert(
      fc.asyncProperty(change, async ([at, mask]) => {
        const content = bytesSource(flipped(CONTENT, at, mask))
        assertEnds(await verify(signature, { content }), 'HASH_FAILURE', 'message-digest-mismatch')
      }),
      settings,
    )
  })

  it('of the signed attributes or the signature value is found, wherever it is', async () => {
    const claims = { claimedRoles: ['director'], mimeType: 'text/plain' }
    const signature = await sign({ claims, withTimeStamp: false })
    const { facts } = await verify(signature)
    const whole = Buffer.from(signature)
    const places = [facts.signatureValue, facts.signedAttributes?.subarray(4)].map(part => {
      assert.ok(part !== undefined)
      return { start: whole.indexOf(part), length: part.length }
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), change, async ({ start, length }, [at, mask]) => {
        assert.ok(start > 0)
        const changed = signature.slice()
        changed.set(flipped(signature.subarray(start, start + length), at, mask), start)
        const verdicts = await verifyAll(changed)
        assert.ok(verdicts.every(({ indication }) => indication !== 'TOTAL-PASSED'))
      }),
      settings,
    )
  })

  it('of an attached signature gives a verdict everywhere, and never another signature that passes', async () => {
    const signature = await attached(await sign())
    const original = (await verify(signature, {})).facts
    await fc.assert(
      fc.asyncProperty(change, async ([at, mask]) => {
        for (const verdict of await verifyAll(flipped(signature, at, mask), {})) {
          if (verdict.indication !== 'TOTAL-PASSED') continue
          assert.deepEqual(verdict.facts.signedAttributes, original.signedAttributes)
          assert.deepEqual(verdict.facts.signatureValue, original.signatureValue)
        }
      }),
      settings,
    )
  })
})
