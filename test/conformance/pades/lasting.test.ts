/**
 * Signatures that last: every level from every lower one, renewed as often as one likes (EN 319 142-1 V1.2.1, 6.3),
 * and judged by pdfsig, qpdf and openssl beside our own verifier. No step touches what was there.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { augmentPades, completePades } from '@natsuin/ades/pades'
import { bytesSource, prefixSource } from '@natsuin/ades/pdf'
import type { TimeStampSource } from '@natsuin/ades/time-stamping'
import { type Verdict, verifyPades } from '@natsuin/ades/validation'
import { AdesRefusal, type RevocationSource } from '@natsuin/ades/validation-data'
import { leadingElement } from '@natsuin/pki/asn1'
import { concat, equal, toHex } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { certificateDatabase, openssl, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import {
  afterDays,
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
import { augment, lasting, prepare, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const database = certificateDatabase(folder, root.certificate.bytes)
const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const refusal = (code: string) => ({ name: 'AdesRefusal', code })

function levelOf(verdict: Verdict): string | undefined {
  assert.equal(verdict.indication, 'TOTAL-PASSED', 'reason' in verdict ? verdict.reason : '')
  return verdict.facts.level
}

const signedAt = (level: 'B-B' | 'B-T', bytes = original) => sign(bytes, { withTimeStamp: level === 'B-T' })

async function at(level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA'): Promise<Uint8Array> {
  if (level === 'B-B' || level === 'B-T') return signedAt(level)
  return augment(await signedAt('B-T'), level)
}

/** What must hold of an augmented document, whatever it was made from. */
async function assertAugmented(before: Uint8Array, after: Uint8Array): Promise<void> {
  const path = join(folder, 'augmented.pdf')
  writeFileSync(path, after)
  assert.ok(after.length > before.length && equal(after.subarray(0, before.length), before))
  const { status, output } = qpdfCheck(path)
  assert.equal(status, 0, output)
  const stillValid = validIn(path)
  writeFileSync(path, before)
  const validBefore = validIn(path)
  assert.ok(validBefore.length > 0)
  for (const fieldName of validBefore) assert.ok(stillValid.includes(fieldName), fieldName)
  for (const stamp of documentTimeStampsIn(after)) assertTimeStamp(after, stamp)
}

/** What pdfsig finds valid; it cannot judge document time-stamps, and openssl does. */
function validIn(path: string): readonly string[] {
  const valid = pdfsig(path, database).filter(signature => signature.valid)
  return valid.map(({ fieldName }) => fieldName)
}

interface Stamp {
  readonly ranges: readonly [number, number, number]
  readonly token: Uint8Array
}

/** Found in the text, by nothing of ours. */
function documentTimeStampsIn(document: Uint8Array): readonly Stamp[] {
  const text = Buffer.from(document).toString('latin1')
  return [...text.matchAll(/\/ETSI\.RFC3161 \/ByteRange \[0 +(\d+) +(\d+) +(\d+) *\]/g)].map(match => {
    const [start = 0, end = 0, rest = 0] = match.slice(1).map(Number)
    const token = new Uint8Array(Buffer.from(text.slice(start + 1, end - 1), 'hex'))
    return { ranges: [start, end, end + rest], token: leadingElement(token) }
  })
}

function assertTimeStamp(document: Uint8Array, { ranges: [start, end, last], token }: Stamp): void {
  const [content, file, anchor] = ['content', 'token', 'root'].map(name => join(folder, name))
  writeFileSync(content ?? '', concat(document.subarray(0, start), document.subarray(end, last)))
  writeFileSync(file ?? '', token)
  writeFileSync(anchor ?? '', toPem('CERTIFICATE', root.certificate.bytes))
  const question = ['-data', content ?? '', '-in', file ?? '', '-token_in', '-CAfile', anchor ?? '']
  assert.match(
    openssl('ts', '-verify', ...question, '-attime', String(NOW.getTime() / 1000)),
    /Verification: OK/,
  )
}

describe('every level from every lower one', () => {
  for (const [from, to] of STEPS) {
    it(`${from} to ${to}`, async () => {
      const before = await at(from)
      const after = await augment(before, to)
      assert.equal(levelOf(await verify(after)), to)
      assert.equal(levelOf(await verify(before)), from)
      await assertAugmented(before, after)
    })
  }

  it('but none that is there already', async () => {
    for (const [from, to] of REACHED)
      await assert.rejects(augment(await at(from), to), refusal('level-already-reached'), `${from} to ${to}`)
  })

  it('straight when the signature is completed', async () => {
    for (const level of ['B-LT', 'B-LTA'] as const) {
      for (const withTimeStamp of [true, false]) {
        const document = bytesSource(original)
        const prepared = await prepare(document, { withTimeStamp })
        const { timeStamp, platform, ...rest } = lasting()
        const options = { platform, lasting: { ...rest, document, level }, ...(timeStamp && { timeStamp }) }
        const update = await completePades(prepared, signer.sign(prepared.signedAttributes), options)
        assert.equal(levelOf(await verify(concat(original, update))), level)
      }
    }
  })

  it('with CRLs as with OCSP', async () => {
    const after = await augment(await at('B-T'), 'B-LTA', { revocation: statusSource({ kind: 'crl' }) })
    assert.equal(levelOf(await verify(after)), 'B-LTA')
  })

  it('for all signatures of a document at once', async () => {
    const once = await sign(original)
    const twice = await sign(once, { withTimeStamp: false })
    const after = await augment(twice, 'B-LTA')
    assert.equal(levelOf(await verify(after)), 'B-LTA')
    const { status } = qpdfCheck(write(after))
    assert.equal(status, 0)
    assert.deepEqual(
      pdfsig(write(after), database).map(({ fieldName, valid }) => [fieldName, valid]),
      [
        ['Signature1', true],
        ['Signature2', true],
        ['TimeStamp1', false],
        ['TimeStamp2', false],
      ],
    )
    for (const { length } of [once, twice])
      assert.match(levelOf(await verify(after.subarray(0, length))) ?? '', /^B-[BT]$/)
  })

  it('again after somebody else signed a document that lasted', async () => {
    const lastingOnce = await augment(await at('B-T'), 'B-LTA')
    const signedAgain = await sign(lastingOnce)
    assert.equal(levelOf(await verify(signedAgain)), 'B-T')
    const after = await augment(signedAgain, 'B-LTA')
    assert.equal(levelOf(await verify(after)), 'B-LTA')
    await assertAugmented(signedAgain, after)
    assert.equal(levelOf(await verify(after.subarray(0, lastingOnce.length))), 'B-LTA')
  })

  const LASTING_SHAPES = PDF_SHAPES.filter(
    ({ name, expectation }) => expectation === 'signed' && !/^(?:certified|locked)/.test(name),
  )
  for (const { name, bytes, fieldName } of LASTING_SHAPES) {
    it(`in a document of the shape ${name}`, async () => {
      const before = await sign(bytes(), { fieldName })
      const after = await augment(before, 'B-LTA')
      assert.equal(levelOf(await verify(after)), 'B-LTA')
      await assertAugmented(before, after)
    })
  }
})

function write(document: Uint8Array): string {
  const path = join(folder, 'document.pdf')
  writeFileSync(path, document)
  return path
}

describe('a signature that lasts', () => {
  it('passes long after its certificates expired, as long as it is renewed in time', async () => {
    const by = await issue({ name: 'Short', issuer: issuing, extensions: SIGNER, notAfter: afterDays(30) })
    const units = await Promise.all(
      [100, 1000, 3000].map(days => newTimeStampingUnit(`TSU ${days}`, afterDays(days))),
    )
    let document = await sign(original, { by, ...(units[0] && { stampedBy: units[0] }) })
    for (const [i, days] of [1, 90, 900].entries()) {
      const stampedBy = units[i]
      document = await augment(document, 'B-LTA', { at: afterDays(days), ...(stampedBy && { stampedBy }) })
      assert.equal(levelOf(await verify(document, afterDays(days + 1))), 'B-LTA')
    }
    assert.equal(levelOf(await verify(document, afterDays(2900))), 'B-LTA')
    const neglected = await verify(document, afterDays(3100))
    assert.equal('subIndication' in neglected && neglected.subIndication, 'OUT_OF_BOUNDS_NO_POE')
  })

  it('may be the last alone, where an earlier one can no longer be made to last', async () => {
    const by = await issue({ name: 'Gone', issuer: issuing, extensions: SIGNER, notAfter: afterDays(1) })
    const document = await sign(await sign(original, { by }))
    for (const level of ['B-LT', 'B-LTA'] as const) {
      const later = { at: afterDays(2) }
      await assert.rejects(augment(document, level, later), refusal('certificate-expired'))
      const after = await augment(document, level, { ...later, signatures: 'last' })
      assert.equal(levelOf(await verify(after, afterDays(3))), level)
      await assertAugmented(document, after)
      const renewed = await augment(after, 'B-LTA', { at: afterDays(4), signatures: 'last' })
      assert.equal(levelOf(await verify(renewed, afterDays(5))), 'B-LTA')
    }
  })

  it('cannot be renewed when its last time-stamp has expired', async () => {
    const stampedBy = await newTimeStampingUnit('Brief', afterDays(10))
    const document = await augment(await at('B-T'), 'B-LTA', { stampedBy })
    await augment(document, 'B-LTA', { at: afterDays(9) })
    await assert.rejects(augment(document, 'B-LTA', { at: afterDays(11) }), refusal('certificate-expired'))
  })

  it('shows its time-stamps', async () => {
    const { facts } = await verify(
      await augment(await at('B-LTA'), 'B-LTA', { at: afterDays(3) }),
      afterDays(4),
    )
    assert.deepEqual(
      facts.documentTimeStamps?.map(({ generatedAt }) => generatedAt),
      [NOW, afterDays(3)],
    )
    assert.deepEqual(facts.timeStamp?.generatedAt, NOW)
  })

  it('passes at the time of its time-stamps where the verifier has no clock', async () => {
    const options = { platform: nodePlatform, trustAnchors: [root.certificate.bytes] }
    for (const level of ['B-LT', 'B-LTA'] as const)
      assert.equal(levelOf(await verifyPades(bytesSource(await at(level)), options)), level)
  })

  it('has the room that its time-stamps need, for which an authority is asked once', async () => {
    let asked = 0
    const timeStamp: TimeStampSource = (imprint, algorithm) => {
      asked += 1
      return timeStampToken(imprint, algorithm)
    }
    const document = await augment(await at('B-T'), 'B-LTA', { timeStamp })
    const renewed = await augment(document, 'B-LTA', { timeStamp })
    assert.equal(asked, 3)
    const contents = /\/SubFilter \/ETSI\.RFC3161 \/ByteRange \[[^\]]*\] \/Contents <([0-9a-f]*?)((?:00)*)>/g
    for (const [, token = '', spare = ''] of Buffer.from(renewed).toString('latin1').matchAll(contents))
      assert.ok(token.length > 1000 && spare.length < 2 * 256, `${spare.length / 2} bytes to spare`)
  })

  it('has room for the token of another authority than the first', async () => {
    const long = await newTimeStampingUnit('Long', afterDays(100), 'rsa-3072')
    let asked = 0
    const timeStamp: TimeStampSource = (imprint, algorithm) =>
      timeStampToken(imprint, algorithm, asked++ === 0 ? undefined : long)
    const document = await augment(await at('B-T'), 'B-LTA', { timeStamp })
    assert.equal(levelOf(await verify(document)), 'B-LTA')
  })

  it('takes a document of any size in pieces', async () => {
    const document = await at('B-LTA')
    const source = bytesSource(document)
    const scratch = new Uint8Array(document.length)
    const reusing = {
      size: source.size,
      read: async (offset: number, length: number) => {
        scratch.set(await source.read(offset, length))
        return scratch.subarray(0, length)
      },
    }
    const update = await augmentPades(prefixSource(reusing, document.length), 'B-LTA', lasting())
    assert.equal(levelOf(await verify(concat(document, update))), 'B-LTA')
  })
})

describe('a signature is not made to last', () => {
  it('where its certificate was revoked before it is proven to have existed', async () => {
    const revoked = (days: number) =>
      statusSource({ revoked: new Map([[signer.certificate, afterDays(days)]]) })
    const document = await at('B-T')
    const later = { at: afterDays(3) }
    await assert.rejects(
      augment(document, 'B-LT', { ...later, revocation: revoked(-1) }),
      refusal('certificate-revoked'),
    )
    const after = await augment(document, 'B-LT', { ...later, revocation: revoked(1) })
    assert.equal(levelOf(await verify(after, afterDays(4))), 'B-LT')
  })

  it('where nobody says anything about revocation', async () => {
    const silent: RevocationSource = async () => {
      throw new AdesRefusal('status-unavailable')
    }
    for (const wishes of [{ revocation: silent }, { trustAnchors: [] }])
      await assert.rejects(augment(await at('B-T'), 'B-LT', wishes), { name: 'AdesRefusal' })
  })

  it('without a time-stamp', async () => {
    const { timeStamp: _, ...options } = lasting()
    const document = bytesSource(await at('B-T'))
    await assert.rejects(augmentPades(document, 'B-LTA', options), refusal('time-stamp-unavailable'))
    const wrong = { ...options, timeStamp: async () => Uint8Array.of(0x30, 0) }
    await assert.rejects(augmentPades(document, 'B-LTA', wrong), { code: 'time-stamp-invalid' })
    const narrow = { ...lasting(), timeStampTokenBytes: 100 }
    await assert.rejects(augmentPades(document, 'B-LTA', narrow), { code: 'signature-space-exceeded' })
  })

  it('where there is none', async () => {
    await assert.rejects(augment(original, 'B-T'), refusal('signature-missing'))
  })

  it('where it cannot be read', async () => {
    const unreadable = PDF_SHAPES.find(({ name }) => name === 'certified-form-filling')?.bytes() ?? original
    await assert.rejects(augment(unreadable, 'B-T'), refusal('signature-unreadable'))
  })
})

describe('one changed byte in a document at B-LTA', () => {
  it('is never at B-LTA outside the gaps, and gives a verdict everywhere', async () => {
    const document = await at('B-LTA')
    const gaps = gapsOf(document)
    const step = 211
    for (let position = 0; position < document.length; position += step) {
      const changed = document.slice()
      changed[position] = (changed[position] ?? 0) ^ 1
      const verdict = await verify(changed)
      if (gaps.some(([start, end]) => position > start && position < end - 1)) continue
      const passed = verdict.indication === 'TOTAL-PASSED' && verdict.facts.level === 'B-LTA'
      assert.ok(!passed, `byte ${position}`)
    }
  })
})

function gapsOf(document: Uint8Array): readonly (readonly [number, number])[] {
  const text = Buffer.from(document).toString('latin1')
  return [...text.matchAll(/\/ByteRange \[0 +(\d+) +(\d+) /g)].map(match => [
    Number(match[1]),
    Number(match[2]),
  ])
}

describe('the security store', () => {
  it('holds every object once, however often it is renewed', async () => {
    let document = await at('B-T')
    for (let i = 0; i < 3; i++) document = await augment(document, 'B-LTA')
    const text = Buffer.from(document).toString('hex')
    for (const { certificate } of [signer, issuing]) {
      const stored = text.split(`0a${toHex(certificate.bytes)}0a`).length - 1
      assert.equal(stored, 1, certificate.subject.text)
    }
  })
})
