/**
 * What a signature says about later changes: certification (ISO 32000-2, 12.8.2.2) and locks of fields (12.8.2.4).
 * Those that forbid every change still leave room for validation data and document time-stamps (12.8.2.2.2).
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { certificateDatabase, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { documentWithField, PDF_SHAPES } from '@natsuin/testing/pdf'
import { root } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { augment, sign, verify } from './signing.ts'

const font = new Uint8Array(readFileSync('/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'))
const folder = temporaryFolder()
const database = certificateDatabase(folder, root.certificate.bytes)
const shape = (name: string) => PDF_SHAPES.find(one => one.name === name)?.bytes() ?? new Uint8Array()
const original = shape('classic')
const refusal = (code: string) => ({ name: 'PdfRefusal', code })

async function assertJudged(document: Uint8Array, level: string, signatures: number): Promise<void> {
  const path = join(folder, 'judged.pdf')
  writeFileSync(path, document)
  const verdict = await verify(document)
  assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', level])
  assert.equal(pdfsig(path, database).filter(({ valid }) => valid).length, signatures)
  const { status, output } = qpdfCheck(path)
  assert.equal(status, 0, output)
}

describe('a certified document (T-PDF-06)', () => {
  it('names its certification in the catalog, once, in a form of every kind', async () => {
    for (const name of ['classic', 'text-field', 'indirect-everything', 'object-stream', 'hybrid']) {
      const certified = await sign(shape(name), { certification: 'form-filling' })
      const text = Buffer.from(certified.subarray(shape(name).length)).toString('latin1')
      const [, number] = /\/Perms <<\/DocMDP (\d+) 0 R>>/.exec(text) ?? []
      assert.ok(text.includes(`${number} 0 obj\n<</Type /Sig `), number)
      assert.ok(/\/DocMDP \/TransformParams <<[^>]*\/P 2>>/.test(text))
      assert.equal(text.split(/(?<!\d)1 0 obj\n/).length, 2, 'the catalog is written once')
      await assertJudged(certified, 'B-T', 1)
    }
  })

  it('that allows no change takes no signature, and lasts all the same', async () => {
    const certified = await sign(original, { certification: 'no-change' })
    await assert.rejects(sign(certified), refusal('certified-against-change'))
    await assertJudged(await augment(certified, 'B-LTA'), 'B-LTA', 1)
  })

  it('that allows filling in takes signatures', async () => {
    for (const certification of ['form-filling', 'annotations'] as const) {
      const certified = await sign(original, { certification })
      await assertJudged(await augment(await sign(certified), 'B-LTA'), 'B-LTA', 2)
    }
  })

  it('shows no signature where none was foreseen, and one in a field that was', async () => {
    const appearance = { text: '承認', font, rectangle: [20, 20, 220, 80] } as const
    for (const certification of ['form-filling', 'annotations'] as const) {
      const certified = await sign(documentWithField('100 100 300 200'), { certification })
      await assert.rejects(sign(certified, { appearance }), refusal('certified-field-needed'))
      const approved = await sign(certified, { fieldName: 'Approval', appearance: { text: '承認', font } })
      await assertJudged(await augment(approved, 'B-LTA'), 'B-LTA', 2)
    }
  })

  it('was not signed before, and is certified once', async () => {
    for (const before of [await sign(original), await sign(original, { certification: 'form-filling' })])
      await assert.rejects(
        sign(before, { certification: 'form-filling' }),
        refusal('certification-not-first'),
      )
  })
})

describe('a signature that locks fields (T-PDF-06)', () => {
  const locked = (lock: Parameters<typeof sign>[1]) => sign(shape('empty-signature-field'), lock)

  it('locks all of them, or those it names, or the others', async () => {
    const later = { fieldName: 'Approval' }
    const LOCKS = [
      [{ action: 'all' }, false],
      [{ action: 'include', fields: ['Approval'] }, false],
      [{ action: 'include', fields: ['承認'] }, true],
      [{ action: 'exclude', fields: ['Approval'] }, true],
      [{ action: 'exclude', fields: [] }, false],
    ] as const
    for (const [lock, free] of LOCKS) {
      const document = await locked({ lock })
      await assertJudged(document, 'B-T', 1)
      if (free) await assertJudged(await sign(document, later), 'B-T', 2)
      else await assert.rejects(sign(document, later), refusal('field-locked'))
    }
  })

  it('lasts, since validation data are no fields', async () => {
    await assertJudged(await augment(await locked({ lock: { action: 'all' } }), 'B-LTA'), 'B-LTA', 1)
  })

  it('may certify as well', async () => {
    const document = await locked({
      lock: { action: 'all' },
      certification: 'annotations',
      fieldName: 'Approval',
    })
    const text = Buffer.from(document).toString('latin1')
    assert.ok(/\/Reference \[<<[^[]*\/FieldMDP [^[]*\/DocMDP [^[]*\]/.test(text))
    await assertJudged(document, 'B-T', 1)
  })

  it('does not replace the lock that a field brings along', async () => {
    const document = shape('lock-on-signing')
    const wishes = { fieldName: 'Approval', lock: { action: 'all' } as const }
    await assert.rejects(sign(document, wishes), refusal('field-constrained'))
    await assertJudged(await sign(document, { fieldName: 'Approval' }), 'B-T', 1)
  })
})
