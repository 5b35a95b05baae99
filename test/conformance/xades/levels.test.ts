/**
 * Every packaging at every level, from every lower one, renewed as often as one likes (EN 319 132-1 V1.3.1, 6.3), judged by
 * xmlsec1 beside our own verifier. No step touches what is signed.
 */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import {
  augmentXades,
  completeXades,
  prepareXadesCounterSignature,
  type XadesContent,
} from '@natsuin/ades/xades'
import { canonicalise } from '@natsuin/ades/xml'
import { concat, toBase64, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { verifiesByXmlsec1 } from '@natsuin/testing/judges'
import {
  afterDays,
  chain,
  issue,
  issuing,
  NOW,
  newTimeStampingUnit,
  root,
  SIGNER,
  signer,
  statusSource,
  timeStampToken,
} from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { REACHED, STEPS } from '../levels.ts'
import { elementIn } from './crafting.ts'
import { augment, CONTENTS, lasting, levelsOf, ORDER, prepare, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const inFolder = (name: string) => join(folder, name)
const anchor = inFolder('root.der')
writeFileSync(anchor, root.certificate.bytes)
// xmlsec1 looks for detached objects beside the signature.
for (const { uri, content } of CONTENTS.detached.objects) {
  const path = inFolder(decodeURIComponent(uri))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, await content.read(0, content.size))
}

const refusal = (code: string) => ({ name: 'AdesRefusal', code })

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const canonicalOf = (signed: Uint8Array, name: string) =>
  canonicalise(elementIn(signed, name), { form: 'exc-c14n', withComments: false })

/** An unsigned property with a time-stamp in it. */
function stamp(name: string, token: Uint8Array): string {
  const names =
    'xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:xades141="http://uri.etsi.org/01903/v1.4.1#"'
  const encapsulated = `<xades:EncapsulatedTimeStamp>${toBase64(token)}</xades:EncapsulatedTimeStamp>`
  return `<${name} ${names}><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"/>${encapsulated}</${name}>`
}

function withUnsigned(signed: Uint8Array, ...properties: readonly string[]): Uint8Array {
  const container = 'xades:UnsignedSignatureProperties'
  const unsigned = `<${container}>${properties.join('')}</${container}>`
  const end = '</xades:QualifyingProperties>'
  const text = Buffer.from(signed).toString()
  return utf8(text.replace(end, `<xades:UnsignedProperties>${unsigned}</xades:UnsignedProperties>${end}`))
}

/** An archive time-stamp of the fifth day over a detached signature and these of its properties (5.5.2.3). */
async function archive(signed: Uint8Array, ...properties: readonly string[]): Promise<string> {
  const objects = await Promise.all(
    CONTENTS.detached.objects.map(({ content }) => content.read(0, content.size)),
  )
  const parts = ['SignedProperties', 'SignedInfo', 'SignatureValue', 'KeyInfo', ...properties]
  const imprint = await platform.digest(
    'sha512',
    concat(...objects, ...parts.map(name => canonicalOf(signed, name))),
  )
  return stamp('xades141:ArchiveTimeStamp', await timeStampToken(imprint, 'sha512', undefined, afterDays(5)))
}

type Level = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA'

async function at(level: Level, content: XadesContent): Promise<Uint8Array> {
  if (level === 'B-B' || level === 'B-T') return sign(content, { level })
  return augment(await sign(content, { level: 'B-T' }), level)
}

async function assertSigned(signed: Uint8Array, levels: readonly Level[]): Promise<void> {
  assert.deepEqual(await levelsOf(signed), levels)
  const path = inFolder('signed.xml')
  writeFileSync(path, signed)
  assert.ok(verifiesByXmlsec1(path, anchor, NOW))
}

for (const [packaging, content] of Object.entries(CONTENTS)) {
  describe(`${packaging} signatures`, () => {
    for (const level of ['B-B', 'B-T'] as const)
      it(`at level ${level}`, async () => assertSigned(await sign(content, { level }), [level]))

    for (const [from, to] of STEPS)
      it(`from level ${from} to ${to}`, async () =>
        assertSigned(await augment(await at(from, content), to), [to]))

    it('reach no level that they have', async () => {
      for (const [from, to] of REACHED)
        await assert.rejects(
          augment(await at(from, content), to),
          refusal('level-already-reached'),
          `${from} ${to}`,
        )
    })
  })
}

describe('signatures that last', () => {
  const enveloped = CONTENTS.enveloped

  it('are completed straight to their level', async () => {
    for (const level of ['B-LT', 'B-LTA'] as const) {
      const prepared = await prepare(enveloped)
      const { platform: _, timeStamp, ...rest } = lasting()
      const options = { platform, lasting: { ...rest, level }, ...(timeStamp && { timeStamp }) }
      await assertSigned(await completeXades(prepared, signer.sign(prepared.signedInfo), options), [level])
    }
  })

  it('rest on CRLs as on OCSP', async () => {
    const signed = await augment(await at('B-T', enveloped), 'B-LTA', {
      revocation: statusSource({ kind: 'crl' }),
    })
    await assertSigned(signed, ['B-LTA'])
  })

  it('are renewed after the certificates before are gone, and hold (LTV-8)', async () => {
    const shortLived = await issue({
      name: 'Short',
      issuer: issuing,
      extensions: SIGNER,
      notAfter: afterDays(10),
    })
    const first = await newTimeStampingUnit('First TSU', afterDays(30))
    const second = await newTimeStampingUnit('Second TSU', afterDays(300))
    const signed = await sign(enveloped, { by: shortLived, stampedBy: first, level: 'B-T' })
    const archived = await augment(signed, 'B-LTA', { stampedBy: first })
    const renewed = await augment(archived, 'B-LTA', { at: afterDays(20), stampedBy: second })
    assert.deepEqual(await levelsOf(renewed, afterDays(200)), ['B-LTA'])
    const [late] = await verify(archived, afterDays(200))
    assert.notEqual(late?.indication, 'TOTAL-PASSED')
    const again = await augment(renewed, 'B-LTA', { at: afterDays(250) })
    assert.deepEqual(await levelsOf(again, afterDays(1000)), ['B-LTA'])
  })

  it('gain nothing from a time-stamp over the value that no archive time-stamp covers', async () => {
    const signed = await sign(CONTENTS.detached)
    const old = await newTimeStampingUnit('Old TSU', afterDays(10))
    const imprint = await platform.digest('sha256', canonicalOf(signed, 'SignatureValue'))
    const own = stamp('xades:SignatureTimeStamp', await timeStampToken(imprint, 'sha256', old))
    const covered = withUnsigned(signed, own, await archive(withUnsigned(signed, own), 'SignatureTimeStamp'))
    const attacked = withUnsigned(signed, await archive(signed), own)
    const [first] = await verify(covered, afterDays(20))
    assert.deepEqual(first?.facts.timeStamp?.generatedAt, NOW)
    const [second] = await verify(attacked, afterDays(20))
    assert.equal(second?.facts.archiveTimeStamps?.length, 1)
    assert.equal(second?.facts.timeStamp, undefined)
    assert.match(second?.facts.timeStampProblem ?? '', /^OUT_OF_BOUNDS_NO_POE/)
  })

  it('are refused a revoked certificate, and one that nobody says anything about', async () => {
    const revoked = new Map([[signer.certificate, afterDays(-1)]])
    const signed = await at('B-T', enveloped)
    const refused = augment(signed, 'B-LT', { revocation: statusSource({ revoked }) })
    await assert.rejects(refused, refusal('certificate-revoked'))
    const { revocation: _, ...silent } = lasting()
    await assert.rejects(augmentXades(signed, 'B-LT', silent), refusal('status-unavailable'))
  })

  it('of detached objects need these', async () => {
    const signed = await at('B-LT', CONTENTS.detached)
    await assert.rejects(augment(signed, 'B-LTA', { detached: () => undefined }), refusal('content-missing'))
  })

  it('are over what was signed, and nothing else', async () => {
    const signed = await at('B-LT', CONTENTS.detached)
    const other = () => CONTENTS.detached.objects[1].content
    await assert.rejects(augment(signed, 'B-LTA', { detached: other }), refusal('content-altered'))
    const altered = Buffer.from(await at('B-LT', enveloped))
      .toString()
      .replace('>1000<', '>9000<')
    await assert.rejects(augment(utf8(altered), 'B-LTA'), refusal('content-altered'))
  })

  it('are only found where there are any', async () => {
    await assert.rejects(augment(ORDER, 'B-T'), refusal('signature-missing'))
  })
})

describe('several signers', () => {
  it('sign a document side by side, each valid by itself and both raised at once', async () => {
    const other = await issue({ name: 'Taro Suzuki', issuer: issuing, extensions: SIGNER })
    const once = await sign(CONTENTS.enveloped, { level: 'B-T' })
    const twice = await sign({ packaging: 'enveloped', document: once }, { by: other })
    await assertSigned(twice, ['B-T', 'B-B'])
    await assertSigned(await augment(twice, 'B-LTA'), ['B-LTA', 'B-LTA'])
  })

  it('raise one signature and leave the others as they are', async () => {
    const once = await sign(CONTENTS.enveloped)
    const twice = await sign({ packaging: 'enveloped', document: once })
    const [, second] = await verify(twice)
    const signatureId = second?.facts.signatureId ?? ''
    await assertSigned(await augment(twice, 'B-T', { signatureId }), ['B-B', 'B-T'])
  })
})

describe('counter-signatures (EN 319 132-1 V1.3.1, 5.2.7)', () => {
  const counterOptions = {
    platform,
    signingCertificate: signer.certificate.bytes,
    chain,
    signatureAlgorithm: signer.algorithm,
    signingTime: NOW,
  }

  async function countersigned(signed: Uint8Array, signatureId?: string): Promise<Uint8Array> {
    const options = { ...counterOptions, ...(signatureId === undefined ? {} : { signatureId }) }
    const prepared = await prepareXadesCounterSignature(signed, options)
    const timeStamp = lasting().timeStamp
    return completeXades(prepared, signer.sign(prepared.signedInfo), {
      platform,
      ...(timeStamp && { timeStamp }),
    })
  }

  for (const [packaging, content] of Object.entries(CONTENTS)) {
    it(`on ${packaging} signatures, at every level of these`, async () => {
      // What shows that the signer was not revoked is there for his counter-signature, too.
      for (const [level, reached] of [
        ['B-B', 'B-T'],
        ['B-LTA', 'B-LT'],
      ] as const) {
        const signed = await countersigned(await at(level, content))
        await assertSigned(signed, [level])
        const [verdict] = await verify(signed)
        const found = verdict?.facts.counterSignatures?.map(one => [one.indication, one.facts.level])
        assert.deepEqual(found, [['TOTAL-PASSED', reached]])
      }
    })
  }

  it('last with the signature that they are on', async () => {
    const signed = await augment(await countersigned(await at('B-T', CONTENTS.enveloped)), 'B-LTA')
    const [verdict] = await verify(signed)
    assert.deepEqual(
      verdict?.facts.counterSignatures?.map(one => [one.indication, one.facts.level]),
      [['TOTAL-PASSED', 'B-LTA']],
    )
  })

  it('are countersigned themselves', async () => {
    const once = await countersigned(await at('B-T', CONTENTS.enveloped))
    const [verdict] = await verify(once)
    const inner = verdict?.facts.counterSignatures?.[0]?.facts.signatureId
    const [outer] = await verify(await countersigned(once, inner))
    const nested = outer?.facts.counterSignatures?.[0]?.facts.counterSignatures
    assert.deepEqual(
      nested?.map(({ indication }) => indication),
      ['TOTAL-PASSED'],
    )
  })

  it('are on one signature, which has to be named where there are several', async () => {
    const twice = await sign({ packaging: 'enveloped', document: await sign(CONTENTS.enveloped) })
    await assert.rejects(countersigned(twice), refusal('signature-missing'))
    await assert.rejects(countersigned(ORDER), refusal('signature-missing'))
    const [, second] = await verify(twice)
    const signed = await countersigned(twice, second?.facts.signatureId)
    assert.deepEqual(
      (await verify(signed)).map(({ facts }) => facts.counterSignatures?.length),
      [undefined, 1],
    )
  })
})
