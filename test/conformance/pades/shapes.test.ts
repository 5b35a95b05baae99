/**
 * Every shape of PDF that we make: signed and accepted by every judge, or refused with the code that is expected.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesSource, type PdfRefusalCode, prefixSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import { equal } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { certificateDatabase, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { NOW, root } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { prepare, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const database = certificateDatabase(folder, root.certificate.bytes)

/** All that must hold of a document that was signed, whatever its shape. */
async function assertSigned(original: Uint8Array, fieldName?: string): Promise<Uint8Array> {
  const before = join(folder, 'original.pdf')
  const path = join(folder, 'signed.pdf')
  const signed = await sign(original, { fieldName })
  writeFileSync(before, original)
  writeFileSync(path, signed)
  assert.ok(signed.length > original.length && equal(signed.subarray(0, original.length), original))
  const verdict = await verify(signed)
  assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
  const judged = pdfsig(path, database)
  assert.deepEqual(
    judged.filter(({ coversWholeDocument }) => coversWholeDocument).map(({ valid }) => valid),
    [true],
  )
  // poppler 22.12 (NSS) loses the chain of every second signature by one certificate, so trust is asked of the first.
  if (judged.length === 1) assert.equal(judged[0]?.trusted, true)
  const { status, output } = qpdfCheck(path)
  assert.equal(status, 0, output)
  assert.equal(qpdfCheck(before).status, 0)
  return signed
}

function assertRefused(original: Uint8Array, code: PdfRefusalCode, fieldName?: string): Promise<void> {
  return assert.rejects(prepare(bytesSource(original), { fieldName }), { name: 'PdfRefusal', code })
}

describe('PDF shapes made by us', () => {
  it('are some to sign and some to refuse', () => {
    const toSign = PDF_SHAPES.filter(({ expectation }) => expectation === 'signed')
    assert.ok(toSign.length > 20 && PDF_SHAPES.length - toSign.length > 20, `${toSign.length} to sign`)
  })

  for (const { name, description, expectation, fieldName, bytes } of PDF_SHAPES) {
    const title = `${name}: ${description}`
    if (expectation === 'signed')
      it(`signs ${title}`, async () => void (await assertSigned(bytes(), fieldName)))
    else it(`refuses ${title}`, () => assertRefused(bytes(), expectation, fieldName))
  }
})

describe('PDF shapes made by qpdf', () => {
  const vectors = new URL('../../vectors/pdf/', import.meta.url)
  const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, vectors)))
  const SIGNED = ['linearized.pdf', 'linearized-object-streams.pdf', 'object-streams.pdf', 'qdf.pdf']
  const ENCRYPTED = ['encrypted-aes-256.pdf', 'encrypted-aes-128.pdf', 'encrypted-rc4.pdf']

  it('are all tried', () => {
    const there = readdirSync(vectors).filter(name => name.endsWith('.pdf'))
    assert.deepEqual(there.sort(), [...SIGNED, ...ENCRYPTED].sort())
  })

  for (const name of SIGNED) it(`signs ${name}`, async () => void (await assertSigned(bytesOf(name))))
  for (const name of ENCRYPTED) it(`refuses ${name}`, () => assertRefused(bytesOf(name), 'encrypted'))
})

describe('a document that is signed several times (T-PDF-15)', () => {
  const SIGNED_THRICE = ['classic', 'xref-stream', 'object-stream', 'hybrid', 'indirect-everything', 'no-id']
  for (const shape of PDF_SHAPES.filter(({ name }) => SIGNED_THRICE.includes(name))) {
    it(`keeps the earlier signatures of ${shape.name} valid`, async () => {
      const once = await sign(shape.bytes())
      const twice = await sign(once)
      const thrice = await assertSigned(twice)
      const options = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: NOW }
      for (const { length } of [once, twice, thrice]) {
        const verdict = await verifyPades(prefixSource(bytesSource(thrice), length), options)
        assert.equal(verdict.indication, 'TOTAL-PASSED')
      }
      const judged = pdfsig(join(folder, 'signed.pdf'), database).filter(({ valid }) => valid)
      assert.deepEqual(
        judged.map(({ fieldName }) => fieldName),
        ['Signature1', 'Signature2', 'Signature3'],
      )
    })
  }
})
