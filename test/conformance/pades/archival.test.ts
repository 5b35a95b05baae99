/**
 * Documents that are PDF/A or PDF/UA stay it: nothing transparent, everything embedded, colors without a device, an
 * appearance for every field, and in a tagged document the visible field in its structure.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { qpdfCheck } from '@natsuin/testing/judges'
import { type ArchivalKind, archivalPdf } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { augment, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const font = new Uint8Array(readFileSync('/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'))
const appearance = { text: '電子署名\n山田花子', font, rectangle: [72, 572, 372, 672] } as const
const KINDS: readonly ArchivalKind[] = ['pdfa-1', 'pdfa-2', 'pdfa-3', 'pdfua-1']

/** What was appended, as text. */
function update(document: Uint8Array, original: Uint8Array): string {
  return Buffer.from(document.subarray(original.length)).toString('latin1')
}

const newest = (text: string, number: number) =>
  [...text.matchAll(new RegExp(`(?<!\\d)${number} 0 obj\\n(.*?)\\nendobj`, 'gs'))].at(-1)?.[1] ?? ''

for (const kind of KINDS) {
  for (const kids of [false, true]) {
    const original = archivalPdf(kind, { kids })
    describe(`a document that is ${kind}, its parent tree ${kids ? 'of nodes' : 'in one piece'}`, () => {
      it('has nothing transparent and nothing of a device in what is shown', async () => {
        const text = update(await sign(original, { appearance }), original)
        for (const forbidden of ['/SMask', '/Group', '/ExtGState', '/Device', '/CA ', '/ca ', '/AA', '/JS'])
          assert.equal(text.includes(forbidden), false, forbidden)
        for (const needed of ['/FontFile2', '/CIDSet', '/ToUnicode', '/CalGray'])
          assert.ok(text.includes(needed), needed)
        assert.ok(/\/Subtype \/Widget [^\n]*\/F 132 /.test(text))
      })

      it('has the field in its structure, behind everything else', async () => {
        const text = update(await sign(original, { appearance }), original)
        const [, key, said] = /\/StructParent (\d+) \/TU <feff([0-9a-f]+)>/.exec(text) ?? []
        assert.equal(key, '1')
        assert.equal(
          Buffer.from(said ?? '', 'hex')
            .swap16()
            .toString('utf16le'),
          appearance.text,
        )
        const [, form] = /(?<!\d)(\d+) 0 obj\n<<\/Type \/StructElem \/S \/Form \/P 8 0 R /.exec(text) ?? []
        assert.ok(newest(text, 8).includes(`/K [9 0 R ${form} 0 R]`), newest(text, 8))
        assert.ok(newest(text, 7).includes('/ParentTreeNextKey 2'))
        assert.ok(
          kids
            ? text.includes(`/Nums [1 ${form} 0 R] /Limits [1 1]`)
            : newest(text, 10).includes(`1 ${form} 0 R]`),
        )
      })

      it('has an appearance for a field that is not shown too', async () => {
        const text = update(await sign(original), original)
        const [, stream = ''] = /\/Rect \[0 0 0 0\] \/AP <<\/N (\d+) 0 R>>/.exec(text) ?? []
        assert.ok(newest(text, Number(stream)).includes('/BBox [0 0 0 0]'))
      })

      it('has one for the field of a time-stamp only where its part of PDF/A asks for it', async () => {
        const signed = await sign(original)
        const [, dictionary = ''] =
          /\/T \(TimeStamp1\)([^\n]*)/.exec(update(await augment(signed, 'B-LTA'), signed)) ?? []
        assert.match(dictionary, /\/Rect \[0 0 0 0\]/)
        assert.equal(dictionary.includes('/AP '), kind === 'pdfa-1')
      })

      it('is signed again and lasts, sound at every step', async () => {
        const once = await sign(original, { appearance })
        const twice = await sign(once, { appearance })
        // Behind a signature the structure stays as it is, or validators would hold its change against that one.
        for (const number of [7, 8, 10]) assert.equal(newest(update(twice, once), number), '')
        const document = await augment(twice, 'B-LTA')
        const path = join(folder, 'archival.pdf')
        writeFileSync(path, document)
        const { status, output } = qpdfCheck(path)
        assert.equal(status, 0, output)
        const verdict = await verify(document)
        assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-LTA'])
      })
    })
  }
}
