/**
 * CAdES signatures that last: every level from every lower one, renewed as often as one likes (EN 319 122-1 V1.3.1, 5.5
 * and 6.3), and judged by openssl beside our own verifier. No step touches what was there.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { augmentCades, bytesSource } from '@natsuin/ades/cades'
import type { Verdict } from '@natsuin/ades/validation'
import { AdesRefusal, type RevocationSource } from '@natsuin/ades/validation-data'
import { type DerNode, OID, oid, parseDer, sequence } from '@natsuin/pki/asn1'
import {
  addUnsignedAttribute,
  archiveImprintInput,
  archiveTimeStamp,
  archiveTimeStampsOf,
  attribute,
  buildHashIndex,
  extendSignedData,
  hashIndexInput,
  parseSignedData,
  withHashIndex,
} from '@natsuin/pki/cms'
import { concat, equal, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { openssl, opensslCades } from '@natsuin/testing/judges'
import {
  afterDays,
  entityOf,
  issue,
  issuing,
  NOW,
  newTimeStampingUnit,
  ocspAnswerOf,
  root,
  SIGNER,
  signer,
  statusSource,
  timeStampingUnit,
} from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { REACHED, STEPS } from '../levels.ts'
import { attached, augment, CONTENT, lasting, sign, verify, verifyAll } from './signing.ts'

const folder = temporaryFolder()
const content = bytesSource(CONTENT)
const refusal = (code: string) => ({ name: 'AdesRefusal', code })
const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const trust = [
  ...['-CAfile', file('root.pem', toPem('CERTIFICATE', root.certificate.bytes))],
  ...['-attime', String(NOW.getTime() / 1000)],
]

function levelOf(verdict: Verdict | undefined): string | undefined {
  assert.equal(verdict?.indication, 'TOTAL-PASSED', verdict && 'reason' in verdict ? verdict.reason : '')
  return verdict?.facts.level
}

async function at(level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA'): Promise<Uint8Array> {
  const signature = await sign({ withTimeStamp: level !== 'B-B' })
  return level === 'B-B' || level === 'B-T' ? signature : augment(signature, level)
}

/** The fields of the SignedData, and of its only SignerInfo, by nothing but DER. */
function fieldsOf(signature: Uint8Array) {
  const fields = parseDer(signature).children[1]?.children[0]?.children ?? []
  return { fields, signerInfo: fields.at(-1)?.children[0]?.children ?? [] }
}

/** What must hold of an augmented signature, whatever it was made from. */
function assertAugmented(before: Uint8Array, after: Uint8Array): void {
  const old = fieldsOf(before)
  const now = fieldsOf(after)
  const signed = (nodes: readonly DerNode[]) =>
    nodes.filter(({ tag }) => tag !== 0xa1).map(({ bytes }) => bytes)
  assert.deepEqual(signed(now.signerInfo), signed(old.signerInfo))
  for (const tag of [0xa0, 0xa1]) {
    const members = (nodes: readonly DerNode[]) => nodes.find(node => node.tag === tag)?.children ?? []
    for (const [kept, all] of [
      [old.fields, now.fields],
      [old.signerInfo, now.signerInfo],
    ] as const)
      for (const { bytes } of members(kept)) assert.ok(members(all).some(node => equal(node.bytes, bytes)))
  }
  const input = ['-in', file('signature', after), '-content', file('content', CONTENT)]
  assert.match(opensslCades(...input, ...trust, '-purpose', 'any'), /CAdES Verification successful/)
  openssl('asn1parse', '-inform', 'DER', '-in', join(folder, 'signature'))
}

/** Each archive time-stamp by openssl, over what 5.5.3 says, put together here from the bare elements. */
async function assertArchiveTimeStamps(signature: Uint8Array): Promise<void> {
  const { fields, signerInfo } = fieldsOf(signature)
  const contentType = fields[2]?.children[0]?.bytes ?? new Uint8Array()
  const digest = await nodePlatform.digest('sha512', CONTENT)
  const signed = signerInfo.slice(0, 6).map(({ bytes }) => bytes)
  for (const token of archiveTimeStampsOf(parseSignedData(signature).signerInfos[0] ?? assert.fail())) {
    const unsigned = fieldsOf(token).signerInfo.at(-1)?.children[0]?.children ?? []
    assert.deepEqual(unsigned[0]?.bytes, oid('0.4.0.19122.1.5'))
    const index = unsigned[1]?.children[0]?.bytes ?? new Uint8Array()
    const data = ['-data', file('stamped', concat(contentType, digest, ...signed, index))]
    const input = ['-in', file('token', token), '-token_in', ...data]
    assert.match(openssl('ts', '-verify', ...input, ...trust), /Verification: OK/)
  }
}

describe('every level of a CAdES signature from every lower one', () => {
  for (const [from, to] of STEPS) {
    it(`${from} to ${to}`, async () => {
      const before = await at(from)
      const after = await augment(before, to)
      assert.equal(levelOf(await verify(after)), to)
      assert.equal(levelOf(await verify(await attached(after), {})), to)
      assert.equal(levelOf(await verify(before)), from)
      assertAugmented(before, after)
      await assertArchiveTimeStamps(after)
    })
  }

  it('but none that is there already', async () => {
    for (const [from, to] of REACHED)
      await assert.rejects(augment(await at(from), to), refusal('level-already-reached'), `${from} to ${to}`)
  })

  it('with CRLs as with OCSP, each where table 1 wants it', async () => {
    const revocation = statusSource({ kind: 'crl' })
    const byCrl = parseSignedData(await augment(await at('B-T'), 'B-LT', { revocation }))
    assert.deepEqual([byCrl.crls.length, byCrl.revocationInfoChoices.length], [3, 3])
    const byOcsp = await augment(await at('B-T'), 'B-LT')
    const { crls, revocationInfoChoices } = parseSignedData(byOcsp)
    assert.deepEqual([crls.length, revocationInfoChoices.length], [0, 3])
    // RFC 5652, 5.1: other revocation information makes it version 5.
    assert.deepEqual(fieldsOf(byOcsp).fields[0]?.content, Uint8Array.of(5))
    assert.equal(levelOf(await verify(await augment(await at('B-T'), 'B-LTA', { revocation }))), 'B-LTA')
  })

  it('embeds nothing twice (6.3, requirements e and p)', async () => {
    let signature = await at('B-LTA')
    for (let i = 0; i < 2; i++) signature = await augment(signature, 'B-LTA')
    const text = Buffer.from(signature)
    for (const { certificate } of [signer, issuing]) {
      assert.equal(text.toString('hex').split(Buffer.from(certificate.bytes).toString('hex')).length - 1, 1)
    }
    const { certificates, revocationInfoChoices } = parseSignedData(signature)
    assert.ok(!certificates.some(der => equal(der, timeStampingUnit.certificate.bytes)))
    assert.equal(revocationInfoChoices.length, 3)
  })

  it('with authorities, though OCSP responses bring them too', async () => {
    const revocation: RevocationSource = async ({ certificate, issuer, at: thisUpdate }) => {
      const status = { thisUpdate, beside: [issuer.bytes] }
      return { kind: 'ocsp', der: await ocspAnswerOf(certificate, entityOf(issuer), status) }
    }
    const bare = await sign({ chain: [] })
    const after = await augment(bare, 'B-LT', { revocation, untrusted: [issuing.certificate.bytes] })
    assert.equal(levelOf(await verify(after)), 'B-LT')
  })

  it('for all signers of a content at once', async () => {
    const second = await issue({ name: 'Taro', issuer: issuing, keyType: 'ec-p384', extensions: SIGNER })
    const both = await sign({ by: second, withTimeStamp: false, beside: await sign() })
    const after = await augment(both, 'B-LTA')
    const verdicts = await verifyAll(after)
    assert.deepEqual(verdicts.map(levelOf), ['B-LTA', 'B-LTA'])
  })

  it('again when somebody else signs beside one that lasted', async () => {
    const second = await issue({ name: 'Jiro', issuer: issuing, extensions: SIGNER })
    const joined = await sign({ by: second, beside: await at('B-LTA') })
    assert.deepEqual((await verifyAll(joined)).map(levelOf), ['B-LTA', 'B-T'])
    assert.deepEqual((await verifyAll(await augment(joined, 'B-LT'))).map(levelOf), ['B-LTA', 'B-LT'])
    assert.deepEqual((await verifyAll(await augment(joined, 'B-LTA'))).map(levelOf), ['B-LTA', 'B-LTA'])
  })

  it('with the digest of the content alone', async () => {
    const digest = await nodePlatform.digest('sha256', CONTENT)
    const known = { digestAlgorithm: 'sha256' as const, digest }
    const after = await augment(await at('B-T'), 'B-LTA', { content: known })
    assert.equal(levelOf(await verify(after, { content: known })), 'B-LTA')
    assert.equal(levelOf(await verify(after)), 'B-LTA')
  })
})

describe('a CAdES signature that lasts', () => {
  it('passes long after its certificates expired, as long as it is renewed in time', async () => {
    const by = await issue({ name: 'Short', issuer: issuing, extensions: SIGNER, notAfter: afterDays(30) })
    const units = await Promise.all(
      [100, 1000, 3000].map(days => newTimeStampingUnit(`TSU ${days}`, afterDays(days))),
    )
    const [stampedBy] = units
    let signature = await sign({
      by,
      timeStamp: lasting(stampedBy && { stampedBy }).timeStamp ?? assert.fail(),
    })
    for (const [i, days] of [1, 90, 900].entries()) {
      const stampedBy = units[i] ?? assert.fail()
      signature = await augment(signature, 'B-LTA', { at: afterDays(days), stampedBy })
      assert.equal(levelOf(await verify(signature, { content, at: afterDays(days + 1) })), 'B-LTA')
    }
    assert.equal(levelOf(await verify(signature, { content, at: afterDays(2900) })), 'B-LTA')
    const neglected = await verify(signature, { content, at: afterDays(3100) })
    assert.equal('subIndication' in neglected && neglected.subIndication, 'OUT_OF_BOUNDS_NO_POE')
  })

  it('cannot be renewed when its last time-stamp has expired', async () => {
    const stampedBy = await newTimeStampingUnit('Brief', afterDays(10))
    const signature = await augment(await at('B-T'), 'B-LTA', { stampedBy })
    await augment(signature, 'B-LTA', { at: afterDays(9) })
    await assert.rejects(augment(signature, 'B-LTA', { at: afterDays(11) }), refusal('certificate-expired'))
  })

  it('shows its time-stamps', async () => {
    const signature = await augment(await at('B-LTA'), 'B-LTA', { at: afterDays(3) })
    const { facts } = await verify(signature, { content, at: afterDays(4) })
    assert.deepEqual(
      facts.archiveTimeStamps?.map(({ generatedAt }) => generatedAt),
      [NOW, afterDays(3)],
    )
    assert.deepEqual(facts.timeStamp?.generatedAt, NOW)
  })
})

describe('a CAdES signature is not made to last', () => {
  it('where its certificate was revoked before it is proven to have existed', async () => {
    const revoked = (days: number) =>
      statusSource({ revoked: new Map([[signer.certificate, afterDays(days)]]) })
    const signature = await at('B-T')
    const later = { at: afterDays(3) }
    const early = augment(signature, 'B-LT', { ...later, revocation: revoked(-1) })
    await assert.rejects(early, refusal('certificate-revoked'))
    const after = await augment(signature, 'B-LT', { ...later, revocation: revoked(1) })
    assert.equal(levelOf(await verify(after, { content, at: afterDays(4) })), 'B-LT')
  })

  it('where nobody says anything about revocation, or nobody is trusted', async () => {
    const silent: RevocationSource = async () => {
      throw new AdesRefusal('status-unavailable')
    }
    await assert.rejects(
      augment(await at('B-T'), 'B-LT', { revocation: silent }),
      refusal('status-unavailable'),
    )
    await assert.rejects(augment(await at('B-T'), 'B-LT', { trustAnchors: [] }), refusal('no-path'))
  })

  it('without its content, or without a time-stamp', async () => {
    const { content: _, ...contentless } = lasting()
    await assert.rejects(augmentCades(await at('B-T'), 'B-LTA', contentless), refusal('content-missing'))
    const { timeStamp: __, ...timeless } = lasting()
    await assert.rejects(augmentCades(await at('B-T'), 'B-LTA', timeless), refusal('time-stamp-unavailable'))
  })

  it('where it has older forms of what B-LT is made of (6.3, table 1)', async () => {
    const values = attribute('1.2.840.113549.1.9.16.2.24', sequence())
    await assert.rejects(
      augment(addUnsignedAttribute(await at('B-T'), values), 'B-LT'),
      refusal('signature-unreadable'),
    )
  })

  it('where there is none, or it cannot be read', async () => {
    await assert.rejects(augment(Uint8Array.of(0x30, 0), 'B-T'), refusal('signature-unreadable'))
    await assert.rejects(augment(CONTENT, 'B-T'), refusal('signature-unreadable'))
  })
})

describe('an archive time-stamp', () => {
  const facts = async (signature: Uint8Array, over = content) =>
    (await verify(signature, { content: over })).facts

  it('does not hold over another signature, or another content (T-CMS-05)', async () => {
    const other = parseSignedData(await at('B-LTA')).signerInfos[0]?.unsignedAttributes?.all.at(-1)
    assert.equal(other?.oid, OID.archiveTimeStampV3)
    const copied = addUnsignedAttribute(await at('B-LT'), other.bytes)
    const judged = await facts(copied)
    assert.deepEqual([judged.level, judged.archiveTimeStampProblems], ['B-LT', ['hash-index-mismatch']])
    const wrong = await facts(await archiveOnly(await at('B-LT'), utf8('another')))
    assert.deepEqual([wrong.level, wrong.archiveTimeStampProblems], ['B-LT', ['imprint-mismatch']])
  })

  it('does not hold where something that it names has gone (T-CMS-05)', async () => {
    const signature = await at('B-LTA')
    const { fields } = fieldsOf(signature)
    for (const tag of [0xa0, 0xa1]) {
      const set = fields.find(node => node.tag === tag)
      assert.ok(set !== undefined && set.children.length > 1)
      const kept = set.children.slice(0, -1).map(({ bytes }) => bytes)
      const less = replaced(signature, set.bytes, rebuilt(tag, kept))
      const { archiveTimeStampProblems, level } = await facts(less)
      assert.deepEqual(archiveTimeStampProblems, ['hash-index-mismatch'])
      assert.notEqual(level, 'B-LTA')
    }
  })

  it('is not made over another content', async () => {
    for (const other of [
      bytesSource(utf8('another')),
      { digestAlgorithm: 'sha256', digest: new Uint8Array(32) },
    ] as const)
      await assert.rejects(augment(await at('B-T'), 'B-LTA', { content: other }), refusal('content-differs'))
  })

  it('is one of 32 time-stamps at most: each has everything hashed again', async () => {
    const signature = await at('B-T')
    const [own] = parseSignedData(signature).signerInfos[0]?.unsignedAttributes?.all ?? []
    const withMore = (count: number) =>
      extendSignedData(signature, {
        unsignedAttributes: new Map([[0, Array.from({ length: count }, () => own?.bytes ?? assert.fail())]]),
      })
    assert.equal((await verify(withMore(31))).indication, 'TOTAL-PASSED')
    const verdict = await verify(withMore(32))
    assert.deepEqual('reason' in verdict && verdict.reason, 'too many time-stamps')
  })

  it('does not protect what came later', async () => {
    const early = await augment(await at('B-T'), 'B-LT')
    const { certificateChoices, revocationInfoChoices } = parseSignedData(early)
    const bare = await at('B-T')
    const stamped = await archiveOnly(bare)
    const later = extendSignedData(stamped, {
      certificates: certificateChoices,
      revocationInfos: revocationInfoChoices,
    })
    const judged = await facts(later)
    assert.equal(judged.archiveTimeStamps?.length, 1)
    assert.equal(judged.level, 'B-LT')
  })

  /** An archive time-stamp over a signature that brings no validation data: it protects none. */
  async function archiveOnly(signature: Uint8Array, over = CONTENT): Promise<Uint8Array> {
    const signedData = parseSignedData(signature)
    const signerInfo = signedData.signerInfos[0] ?? assert.fail()
    const index = await buildHashIndex(hashIndexInput(signedData, signerInfo), 'sha512', nodePlatform)
    const digest = await nodePlatform.digest('sha512', over)
    const input = archiveImprintInput(signedData, signerInfo, digest, index)
    const token = await lasting().timeStamp?.(await nodePlatform.digest('sha512', input), 'sha512')
    return addUnsignedAttribute(signature, archiveTimeStamp(withHashIndex(token ?? assert.fail(), index)))
  }

  it('is found out with any byte of it or of what it names changed, and every byte gives a verdict', async () => {
    const signature = await at('B-LTA')
    for (let position = 0; position < signature.length; position += 37) {
      const changed = signature.slice()
      changed[position] = (changed[position] ?? 0) ^ 1
      for (const verdict of await verifyAll(changed)) {
        const passed = verdict.indication === 'TOTAL-PASSED' && verdict.facts.level === 'B-LTA'
        if (passed) assert.ok(isFree(signature, position), `byte ${position}`)
      }
    }
  })

  /**
   * The version and the digest algorithms of a SignedData are signed by nothing (RFC 5652, 5.1), in the last token as
   * little as in the signature; and the certificates of that token stand in an older one, too.
   */
  function isFree(signature: Uint8Array, position: number): boolean {
    const token = fieldsOf(archiveTokenIn(signature)).fields
    const places = [
      ...fieldsOf(signature).fields.slice(0, 2),
      ...token.slice(0, 2),
      ...token.filter(({ tag }) => tag === 0xa0),
    ].map(({ bytes }) => bytes)
    return places.some(bytes => position >= bytes.byteOffset && position < bytes.byteOffset + bytes.length)
  }

  /** A view on the signature, so that it tells where it is. */
  function archiveTokenIn(signature: Uint8Array): Uint8Array {
    const archive = fieldsOf(signature).signerInfo.at(-1)?.children.at(-1)
    return archive?.children[1]?.children[0]?.bytes ?? assert.fail()
  }
})

function rebuilt(tag: number, members: readonly Uint8Array[]): Uint8Array {
  const copy = sequence(...members)
  copy[0] = tag
  return copy
}

/** One field of the SignedData replaced, with the lengths around it. */
function replaced(signature: Uint8Array, field: Uint8Array, by: Uint8Array): Uint8Array {
  const { fields } = fieldsOf(signature)
  const [type] = parseDer(signature).children
  const signedData = sequence(...fields.map(({ bytes }) => (equal(bytes, field) ? by : bytes)))
  return sequence(type?.bytes, rebuilt(0xa0, [signedData]))
}
