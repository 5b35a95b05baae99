import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { bytesSource } from './byte-source.ts'
import { type OpenPdfOptions, openPdf } from './document.ts'
import type { PdfLimits } from './limits.ts'
import { PdfRefusal } from './refusal.ts'
import { placeSignature } from './signature-field.ts'

const shape = (name: string) =>
  PDF_SHAPES.find(candidate => candidate.name === name)?.bytes() ?? new Uint8Array()

async function place(bytes: Uint8Array, options: OpenPdfOptions = {}): Promise<void> {
  await placeSignature(await openPdf(bytesSource(bytes), options))
}

describe('limits: what is at the limit passes, one more is refused (T-LIM-11)', () => {
  const rows: readonly (readonly [limit: keyof PdfLimits, shape: string, needed: number])[] = [
    ['fileBytes', 'classic', shape('classic').length],
    ['objects', 'classic', 5],
    ['xrefSections', 'prev-chain', 41],
    ['pageTreeNodes', 'wide-page-tree', 2001],
    ['formFields', 'text-field', 1],
    ['depth', 'deep-page-tree', 7],
    ['signatures', 'certified-form-filling', 1],
  ]
  for (const [limit, name, needed] of rows) {
    it(`${limit}`, async () => {
      await place(shape(name), { limits: { [limit]: needed } })
      await assert.rejects(place(shape(name), { limits: { [limit]: needed - 1 } }), {
        code: 'limit-exceeded',
      })
    })
  }

  it('fileBytes is by default what the format can address', async () => {
    const source = { size: 9_900_000_001, read: () => assert.fail('read') }
    await assert.rejects(openPdf(source), { code: 'limit-exceeded' })
  })

  it('inflatedStreamBytes and inflatedTotalBytes', async () => {
    const bytes = shape('object-stream')
    let largest = 0
    let total = 0
    const inflate = async (deflated: Uint8Array, limit: number) => {
      const { inflate: real } = await import('./inflate.ts')
      const inflated = await real(deflated, limit)
      largest = Math.max(largest, inflated.length)
      total += inflated.length
      return inflated
    }
    await place(bytes, { inflate })
    for (const [limit, needed] of [
      ['inflatedStreamBytes', largest],
      ['inflatedTotalBytes', total],
    ] as const) {
      await place(bytes, { limits: { [limit]: needed } })
      await assert.rejects(place(bytes, { limits: { [limit]: needed - 1 } }), { code: 'limit-exceeded' })
    }
  })
})

describe('damaged documents', () => {
  it('are refused or read, never a crash, whatever is damaged (T-PDF-15)', async () => {
    const originals = PDF_SHAPES.filter(({ name }) => !/many|wide|deep|chain|bomb/.test(name)).map(
      ({ bytes }) => bytes(),
    )
    const damage = fc.record({
      original: fc.constantFrom(...originals.filter(bytes => bytes.length > 0)),
      edits: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
        minLength: 1,
        maxLength: 8,
      }),
      keep: fc.double({ min: 0.2, max: 1, noNaN: true }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ original, edits, keep }) => {
        const damaged = original.slice(0, keep > 0.6 ? original.length : Math.floor(original.length * keep))
        for (const { at, byte } of edits) damaged[Math.floor(at * damaged.length)] = byte
        await place(damaged).catch(error => assert.ok(error instanceof PdfRefusal, String(error)))
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})
