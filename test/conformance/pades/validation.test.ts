/**
 * What our verifier concludes (EN 319 102-1 V1.4.1, 5.1.3), one cause at a time. Each case differs in one thing
 * from a signature that passes.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/pdf'
import { type SignatureFacts, type SubIndication, type Verdict, verifyPades } from '@natsuin/ades/validation'
import { OID } from '@natsuin/pki/asn1'
import {
  assembleSignedData,
  buildSignedAttributes,
  essCertIdOf,
  type SignedAttributesProfile,
  type SignedDataParts,
  signatureTimeStamp,
} from '@natsuin/pki/cms'
import { concat, toHex, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { basicConstraints, extKeyUsage, keyUsage } from '@natsuin/pki/x509'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import {
  chain,
  type Entity,
  issue,
  issuing,
  NOW,
  root,
  SIGNER,
  signer,
  timeStampToken,
} from '@natsuin/testing/pki'
import { prepare, sign, verify } from './signing.ts'

const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const trustAnchors = [root.certificate.bytes]
const LATER = new Date('2027-01-01T00:00:00Z')

interface Crafted {
  readonly by?: Entity
  readonly attributes?: Partial<SignedAttributesProfile>
  readonly parts?: Partial<SignedDataParts>
  readonly signatureValue?: (attributes: Uint8Array) => Uint8Array
  readonly tokenOver?: Uint8Array
}

/** A signed document whose CMS is put together by hand, so that it can be wrong. */
async function craft({ by = signer, attributes, parts, signatureValue = by.sign, tokenOver }: Crafted = {}) {
  const prepared = await prepare(bytesSource(original), { by })
  const signedAttributes = buildSignedAttributes({
    messageDigest: prepared.documentDigest,
    signingCertificate: await essCertIdOf(by.certificate.bytes, 'sha256', nodePlatform),
    ...attributes,
  })
  const signature = signatureValue(signedAttributes)
  const imprint = tokenOver && (await nodePlatform.digest('sha256', tokenOver))
  const cms = assembleSignedData({
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'ecdsa-sha256',
    signedAttributes,
    signature,
    signer: by.certificate,
    certificates: chain,
    unsignedAttributes: imprint ? [signatureTimeStamp(await timeStampToken(imprint, 'sha256'))] : [],
    ...parts,
  })
  const update = prepared.update.slice()
  update.set(utf8(toHex(cms)), prepared.byteRange[1] - original.length + 1)
  return concat(original, update)
}

function assertEnds(verdict: Verdict, subIndication: SubIndication, reason: string): SignatureFacts {
  assert.notEqual(verdict.indication, 'TOTAL-PASSED')
  assert.deepEqual('subIndication' in verdict && [verdict.subIndication, verdict.reason], [
    subIndication,
    reason,
  ])
  return verdict.facts
}

describe('a signature that passes', () => {
  it('comes with its facts', async () => {
    const verdict = await verify(await sign(original))
    assert.equal(verdict.indication, 'TOTAL-PASSED')
    const { facts } = verdict
    assert.deepEqual(facts.signingCertificate, signer.certificate.bytes)
    assert.equal(facts.signer, 'CN=Hanako Yamada')
    assert.equal(facts.trustAnchorSha256, toHex(await nodePlatform.digest('sha256', root.certificate.bytes)))
    assert.deepEqual(facts.claimedSigningTime, NOW)
    assert.deepEqual([facts.level, facts.timeStamp?.generatedAt], ['B-T', NOW])
    assert.equal(facts.timeStamp?.authority, 'CN=PAdES Test TSU')
  })

  it('is by whom the certificate names, whatever its dictionary says (T-PDF-14)', async () => {
    const { facts } = await verify(
      await sign(original, { reason: 'I am Taro Suzuki', location: 'CN=Taro Suzuki' }),
    )
    assert.equal(facts.signer, 'CN=Hanako Yamada')
    assert.ok(!JSON.stringify(facts).includes('Taro'))
  })

  it('may be put together by hand, as the failing ones below are', async () => {
    assert.equal((await verify(await craft())).indication, 'TOTAL-PASSED')
  })
})

describe('time', () => {
  it('comes from the time-stamp where the verifier gives none', async () => {
    const document = bytesSource(await sign(original))
    assert.equal(
      (await verifyPades(document, { platform: nodePlatform, trustAnchors })).indication,
      'TOTAL-PASSED',
    )
  })

  it('is never the one that the signer claims (T-TIM-01)', async () => {
    for (const year of [1970, 2020, 2035, 2999]) {
      const signingTime = new Date(Date.UTC(year, 5, 1))
      for (const withTimeStamp of [true, false]) {
        const { indication, facts } = await verify(await sign(original, { signingTime, withTimeStamp }))
        assert.deepEqual([indication, facts.claimedSigningTime], ['TOTAL-PASSED', signingTime])
        assert.deepEqual(
          [facts.level, facts.timeStamp?.generatedAt],
          withTimeStamp ? ['B-T', NOW] : ['B-B', undefined],
        )
      }
    }
  })

  it('is lacking when there is neither (NO_POE)', async () => {
    const document = bytesSource(await sign(original, { withTimeStamp: false }))
    const verdict = await verifyPades(document, { platform: nodePlatform, trustAnchors })
    assertEnds(verdict, 'NO_POE', 'no time at which to judge')
  })

  it('after the certificate expired needs a time-stamp from before', async () => {
    const by = await issue({
      name: 'Short',
      issuer: issuing,
      extensions: SIGNER,
      notAfter: new Date('2026-07-01'),
    })
    const judge = async (withTimeStamp: boolean) => {
      const document = bytesSource(await sign(original, { by, withTimeStamp }))
      return verifyPades(document, { platform: nodePlatform, trustAnchors, at: LATER })
    }
    assertEnds(await judge(false), 'OUT_OF_BOUNDS_NO_POE', 'expired')
    assert.equal((await judge(true)).indication, 'TOTAL-PASSED')
  })
})

describe('a time-stamp that does not hold', () => {
  const level = async (document: Uint8Array) => {
    const verdict = await verify(document)
    assert.equal(verdict.indication, 'TOTAL-PASSED')
    return [verdict.facts.level, verdict.facts.timeStampProblem]
  }
  const unit = (extensions: readonly Uint8Array[], issuer: Entity = root) =>
    issue({ name: 'Other TSU', issuer, extensions: [basicConstraints({ ca: false }), ...extensions] })

  it('over another signature value leaves level B-B', async () => {
    assert.deepEqual(await level(await craft({ tokenOver: utf8('another') })), ['B-B', 'imprint-mismatch'])
  })

  it('by a certificate for other purposes, or not critically for this one, leaves level B-B', async () => {
    const purposes = [[], [extKeyUsage([OID.timeStamping], { critical: false })]]
    for (const extensions of purposes) {
      const document = await sign(original, { stampedBy: await unit(extensions) })
      assert.deepEqual(await level(document), ['B-B', 'certificate-not-for-time-stamping'])
    }
  })

  it('from the future, or from before its certificate, leaves level B-B', async () => {
    const facts = async (document: Uint8Array, at: Date) =>
      (await verifyPades(bytesSource(document), { platform: nodePlatform, trustAnchors, at })).facts
    const earlier = new Date(NOW.getTime() - 1)
    const ahead = await facts(await sign(original), earlier)
    assert.deepEqual([ahead.level, ahead.timeStampProblem], ['B-B', 'later than the time of validation'])
    const extensions = [basicConstraints({ ca: false }), extKeyUsage([OID.timeStamping], { critical: true })]
    const young = await issue({
      name: 'Young TSU',
      issuer: root,
      extensions,
      notBefore: new Date('2026-07-01'),
    })
    const early = await facts(await sign(original, { stampedBy: young }), LATER)
    assert.deepEqual(
      [early.level, early.timeStampProblem],
      ['B-B', 'outside the validity of its certificate'],
    )
  })

  it('by an authority that is not trusted leaves level B-B', async () => {
    const stranger = await issue({
      name: 'Stranger',
      extensions: [basicConstraints({ ca: true }), keyUsage('keyCertSign')],
    })
    const stampedBy = await unit([extKeyUsage([OID.timeStamping], { critical: true })], stranger)
    const document = await sign(original, { stampedBy })
    assert.deepEqual(await level(document), ['B-B', 'NO_CERTIFICATE_CHAIN_FOUND: no-path'])
  })
})

describe('a signature that does not pass', () => {
  it('has another document (HASH_FAILURE)', async () => {
    const document = await sign(original)
    const at = Buffer.from(document).indexOf('A deed')
    document.set(utf8('A gift'), at)
    const facts = assertEnds(await verify(document), 'HASH_FAILURE', 'message-digest-mismatch')
    assert.equal(facts.signer, undefined)
  })

  it('was made by another key (SIG_CRYPTO_FAILURE)', async () => {
    const other = await issue({ name: 'Other', issuer: issuing, extensions: SIGNER })
    const document = await craft({ signatureValue: other.sign })
    assertEnds(await verify(document), 'SIG_CRYPTO_FAILURE', 'signature-invalid')
  })

  it('names another certificate as the signing one (NO_SIGNING_CERTIFICATE_FOUND)', async () => {
    const signingCertificate = await essCertIdOf(root.certificate.bytes, 'sha256', nodePlatform)
    const document = await craft({ attributes: { signingCertificate } })
    assertEnds(await verify(document), 'NO_SIGNING_CERTIFICATE_FOUND', 'signing-certificate-mismatch')
  })

  it('carries the signing time in the CMS (SIG_CONSTRAINTS_FAILURE)', async () => {
    const document = await craft({ attributes: { signingTime: NOW } })
    assertEnds(await verify(document), 'SIG_CONSTRAINTS_FAILURE', 'signing-time attribute')
  })

  it('carries content of its own (FORMAT_FAILURE)', async () => {
    const document = await craft({ parts: { content: utf8('another document') } })
    assertEnds(await verify(document), 'FORMAT_FAILURE', 'content-ambiguous')
  })

  it('is over another type of content (FORMAT_FAILURE)', async () => {
    const document = await craft({
      attributes: { contentType: OID.tstInfo },
      parts: { contentType: OID.tstInfo },
    })
    assertEnds(await verify(document), 'FORMAT_FAILURE', 'content type of the CMS')
  })

  it('leads to a root that is not trusted (NO_CERTIFICATE_CHAIN_FOUND)', async () => {
    const document = bytesSource(await sign(original))
    const other = await issue({
      name: 'Other Root',
      extensions: [basicConstraints({ ca: true }), keyUsage('keyCertSign')],
    })
    const options = { platform: nodePlatform, trustAnchors: [other.certificate.bytes], at: NOW }
    const facts = assertEnds(await verifyPades(document, options), 'NO_CERTIFICATE_CHAIN_FOUND', 'no-path')
    assert.equal(facts.signer, 'CN=Hanako Yamada')
  })

  it('was made with a certificate that is not for signatures (CHAIN_CONSTRAINTS_FAILURE)', async () => {
    const extensions = [basicConstraints({ ca: false }), keyUsage('keyAgreement')]
    const by = await issue({ name: 'Agreement', issuer: issuing, extensions })
    assertEnds(await verify(await sign(original, { by })), 'CHAIN_CONSTRAINTS_FAILURE', 'key usage')
  })

  it('is not blamed for a trust anchor that is no certificate', async () => {
    const document = bytesSource(await sign(original))
    const options = { platform: nodePlatform, trustAnchors: [utf8('not a certificate')], at: NOW }
    await assert.rejects(verifyPades(document, options), { code: 'malformed-der' })
  })

  it('is not there (FORMAT_FAILURE)', async () => {
    assertEnds(await verify(original), 'FORMAT_FAILURE', 'there is no signature')
    assertEnds(await verify(new Uint8Array()), 'FORMAT_FAILURE', 'there is no signature')
  })
})
