/**
 * Visible signatures (ISO 32000-2, 12.5.5, 12.7.5.5), with an image and text in Japanese, as other people's programs
 * see them: poppler reads the text, lists the fonts and draws the page.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import type { VisibleSignature } from '@natsuin/ades/pades'
import { certificateDatabase, pdfsig, qpdfCheck } from '@natsuin/testing/judges'
import { documentWith, documentWithField, PDF_SHAPES, toBytes } from '@natsuin/testing/pdf'
import { root } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { augment, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const database = certificateDatabase(folder, root.certificate.bytes)
const path = join(folder, 'visible.pdf')
const font = new Uint8Array(readFileSync('/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'))
const shape = (name: string) => PDF_SHAPES.find(one => one.name === name)?.bytes() ?? new Uint8Array()
const original = shape('classic')
const refusal = (code: string) => ({ name: 'PdfRefusal', code })
const TEXT = '電子署名\n山田花子 (Hanako Yamada)\n2026年6月1日 契約「承認」済み、ヴェルサイユ髙﨑'
const rectangle = [72, 72, 372, 172] as const

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  assert.equal(status, 0, stderr)
  return stdout
}

async function assertSound(document: Uint8Array, level = 'B-T'): Promise<void> {
  writeFileSync(path, document)
  const verdict = await verify(document)
  assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', level])
  const { status, output } = qpdfCheck(path)
  assert.equal(status, 0, output)
  assert.ok(pdfsig(path, database).some(({ valid }) => valid))
}

/** What part of an area of the page is not white: left, top, width, height in points from the top left. */
function inkIn(...[x, y, width, height]: readonly [number, number, number, number]): number {
  const area = ['-x', x, '-y', y, '-W', width, '-H', height].map(String)
  const file = join(folder, 'page')
  run('pdftoppm', '-r', '72', '-gray', '-singlefile', ...area, path, file)
  const pixels = readFileSync(`${file}.pgm`).subarray(-width * height)
  return pixels.filter(pixel => pixel < 200).length / pixels.length
}

/** A PNG of one color (RFC 2083), its left half transparent where it may be. */
function png(type: 0 | 2 | 3 | 4 | 6, [width, height]: readonly [number, number] = [20, 10]): Uint8Array {
  const pixel = { 0: [90], 2: [200, 30, 30], 3: [0], 4: [90, 255], 6: [200, 30, 30, 255] }[type]
  const clear = { 0: [90], 2: [200, 30, 30], 3: [1], 4: [90, 0], 6: [200, 30, 30, 0] }[type]
  const row = [0, ...Array.from({ length: width }, (_, x) => (x < width / 2 ? clear : pixel)).flat()]
  const rows = Buffer.from(Array.from({ length: height }, () => row).flat())
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, type, 0, 0, 0], 8)
  const palette =
    type === 3
      ? [chunk('PLTE', Buffer.from([200, 30, 30, 1, 2, 3])), chunk('tRNS', Buffer.from([255, 0]))]
      : []
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
  const parts = [
    start,
    chunk('IHDR', header),
    ...palette,
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

/** Its check sum is never looked at. */
function chunk(name: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, Buffer.from(name, 'latin1'), data, Buffer.alloc(4)])
}

function jpeg(): Uint8Array {
  writeFileSync(path, original)
  run('pdftoppm', '-jpeg', '-r', '20', '-singlefile', path, join(folder, 'image'))
  return new Uint8Array(readFileSync(join(folder, 'image.jpg')))
}

const shown = (appearance: VisibleSignature, bytes = original) => sign(bytes, { appearance })

describe('a visible signature', () => {
  it('has its text in Japanese, to be read, copied and searched', async () => {
    await assertSound(await shown({ text: TEXT, font, rectangle }))
    const text = run('pdftotext', '-layout', path, '-')
    for (const said of ['電子署名', '山田花子 (Hanako Yamada)', '契約「承認」済み', 'ヴェルサイユ', '髙﨑'])
      assert.ok(text.includes(said), `${said} in ${text}`)
    assert.ok(inkIn(72, 842 - 172, 300, 100) > 0.01)
  })

  it('embeds of its font only what it uses', async () => {
    const signed = await shown({ text: TEXT, font, rectangle })
    await assertSound(signed)
    const fonts = run('pdffonts', path)
    assert.match(fonts, /NTSUIN\+Signature +CID TrueType +Identity-H +yes yes yes/)
    assert.ok(signed.length < 100_000, `${signed.length} bytes`)
  })

  it('has an image of every kind, drawn where it is and nowhere else', async () => {
    const images = {
      jpeg: jpeg(),
      gray: png(0),
      color: png(2),
      palette: png(3),
      'gray with opacity': png(4),
      stamp: png(6),
    }
    for (const [kind, image] of Object.entries(images)) {
      await assertSound(await shown({ image, rectangle }))
      const [left, right] = [inkIn(130, 842 - 165, 80, 80), inkIn(240, 842 - 165, 80, 80)]
      if (kind === 'jpeg') assert.ok(left + right > 0, kind)
      else assert.ok(right > 0.9, `${kind}: ${right}`)
      const isClear = ['palette', 'gray with opacity', 'stamp'].includes(kind)
      if (isClear) assert.ok(left < 0.05, `${kind}: ${left}`)
    }
  })

  it('has both side by side, and lasts', async () => {
    const signed = await shown({ text: TEXT, font, image: png(6, [10, 10]), rectangle })
    await assertSound(await augment(signed, 'B-LTA'), 'B-LTA')
    assert.ok(run('pdftotext', path, '-').includes('電子署名'))
    assert.ok(inkIn(130, 842 - 160, 30, 80) > 0.5)
  })

  it('is on the page that is asked for', async () => {
    await assertSound(await shown({ text: '三枚目', font, rectangle, page: 3 }, shape('deep-page-tree')))
    assert.ok(run('pdftotext', '-f', '3', '-l', '3', path, '-').includes('三枚目'))
    assert.ok(!run('pdftotext', '-f', '1', '-l', '2', path, '-').includes('三枚目'))
    await assert.rejects(
      shown({ text: 'x', font, rectangle, page: 129 }, shape('deep-page-tree')),
      refusal('page-missing'),
    )
  })

  it('stands upright on a page that is turned', async () => {
    for (const rotation of [90, 180, 270, -90]) {
      const turned = documentWith({ page: `/Rotate ${rotation}` })
      const look = { text: '上下左右', font, fontSize: 12, rectangle: [100, 100, 200, 200] } as const
      await assertSound(await shown(look, turned))
      const [, x0, y0, x1, y1] =
        /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">上下左右/.exec(
          run('pdftotext', '-bbox', path, '-'),
        ) ?? []
      const [width, height] = [Number(x1) - Number(x0), Number(y1) - Number(y0)]
      assert.ok(width > 40 && height < 20, `turned by ${rotation}: ${width} by ${height}`)
    }
  })

  it('fills in a field that was there, at its place', async () => {
    const approval = { fieldName: 'Approval', appearance: { text: '承認', font } }
    await assertSound(await sign(documentWithField('300 400 100 300'), approval))
    assert.ok(run('pdftotext', path, '-').includes('承認'))
    assert.ok(inkIn(100, 842 - 400, 200, 100) > 0)
    await assert.rejects(sign(documentWithField('0 0 0 0'), approval), refusal('rectangle-invalid'))
  })

  it('is signed over: a look that is altered is found', async () => {
    const signed = await shown({ image: png(2), rectangle })
    const altered = signed.slice()
    const imageAt = Buffer.from(signed).indexOf('/Subtype /Image')
    altered.set([0], Buffer.from(signed).indexOf('stream\n', imageAt) + 'stream\n'.length)
    const verdict = await verify(altered)
    assert.equal('subIndication' in verdict && verdict.subIndication, 'HASH_FAILURE')
  })

  it('takes its font from a collection too', async () => {
    const both = collectionOf(font)
    await assertSound(await shown({ text: TEXT, font: both, rectangle }))
    const second = await shown({ text: TEXT, font: both, fontNumber: 1, rectangle })
    await assertSound(second)
    assert.ok(run('pdftotext', path, '-').includes('電子署名'))
    await assert.rejects(
      shown({ text: TEXT, font: both, fontNumber: 2, rectangle }),
      refusal('font-unsupported'),
    )
  })

  it('gives each character back that was put in, when two have one glyph', async () => {
    // The radical and the number one.
    await assertSound(await shown({ text: '\u2f00\u4e00', font, rectangle }))
    assert.ok(run('pdftotext', path, '-').includes('\u2f00\u4e00'))
  })
})

/** A collection (TTC) of the font twice: a head, and each table directory with its offsets moved. */
function collectionOf(file: Uint8Array): Uint8Array {
  const head = Buffer.alloc(20)
  head.write('ttcf', 'latin1')
  head.set([0, 1, 0, 0, 0, 0, 0, 2], 4)
  head.writeUInt32BE(20, 12)
  head.writeUInt32BE(20, 16)
  const moved = Buffer.from(file)
  for (let i = 0; i < moved.readUInt16BE(4); i++) {
    const at = 12 + 16 * i + 8
    moved.writeUInt32BE(moved.readUInt32BE(at) + head.length, at)
  }
  return new Uint8Array(Buffer.concat([head, moved]))
}

/** The font with another value in one of its tables. */
function fontWith(table: string, write: (view: DataView) => void): Uint8Array {
  const changed = font.slice()
  const view = new DataView(changed.buffer)
  for (let at = 12; at < 12 + 16 * view.getUint16(4); at += 16) {
    if (Buffer.from(changed.subarray(at, at + 4)).toString('latin1') !== table) continue
    write(new DataView(changed.buffer, view.getUint32(at + 8), view.getUint32(at + 12)))
  }
  return changed
}

describe('a visible signature is refused', () => {
  const REFUSED: Readonly<Record<string, readonly [VisibleSignature, string]>> = {
    'without an area': [{ text: 'x', font, rectangle: [10, 10, 10, 90] }, 'rectangle-invalid'],
    'without a place': [{ text: 'x', font }, 'rectangle-invalid'],
    'with text and no font': [{ text: 'x', rectangle }, 'font-unsupported'],
    'with a font that is none': [{ text: 'x', font: new Uint8Array(100), rectangle }, 'font-unsupported'],
    'with half a font': [{ text: 'x', font: font.slice(0, 5000), rectangle }, 'font-unsupported'],
    'with a font whose outlines are CFF': [
      { text: 'x', font: toBytes(`OTTO${'\0'.repeat(100)}`), rectangle },
      'font-unsupported',
    ],
    'with a font whose outlines lie outside it': [
      { text: 'x', font: fontWith('loca', loca => fill(loca, 0xff)), rectangle },
      'font-unsupported',
    ],
    'with a character that the font lacks': [{ text: '😀', font, rectangle }, 'glyph-missing'],
    'with text that does not fit': [{ text: TEXT.repeat(99), font, rectangle }, 'appearance-too-small'],
    'with text that does not fit in its size': [
      { text: TEXT, font, fontSize: 40, rectangle },
      'appearance-too-small',
    ],
    'with an image that is none': [{ image: new Uint8Array(100), rectangle }, 'image-unsupported'],
    'with half an image': [{ image: png(6).slice(0, 60), rectangle }, 'image-unsupported'],
    'with an image that does not inflate': [
      { image: png(6).fill(0, 41, 60), rectangle },
      'image-unsupported',
    ],
    'with an image where there is no room': [
      { image: png(6), rectangle: [10, 10, 13, 13] },
      'appearance-too-small',
    ],
    'with a JPEG of nothing': [{ image: Uint8Array.of(0xff, 0xd8, 0xff), rectangle }, 'image-unsupported'],
  }
  for (const [what, [appearance, code]] of Object.entries(REFUSED)) {
    it(`${what} (${code})`, () => assert.rejects(shown(appearance), refusal(code)))
  }

  it('with a font that forbids it', async () => {
    const RULES = [
      [0x0000, true],
      [0x0004, true],
      [0x0008, true],
      [0x0002, false],
      [0x0100, false],
      [0x0200, false],
    ] as const
    for (const [fsType, allowed] of RULES) {
      const file = fontWith('OS/2', table => table.setUint16(8, fsType))
      const signing = shown({ text: 'x', font: file, rectangle })
      if (allowed) await signing
      else await assert.rejects(signing, refusal('font-not-embeddable'))
    }
  })
})

function fill(view: DataView, byte: number): void {
  for (let at = 0; at < view.byteLength; at++) view.setUint8(at, byte)
}

describe('a document with tags', () => {
  const tagged = (parents: string) =>
    documentWith({
      catalog: `/MarkInfo << /Marked true >> /Lang (ja) /StructTreeRoot << /Type /StructTreeRoot /ParentTree ${parents} >>`,
    })

  it('is left as it is when its tree is not an object of its own', async () => {
    await assertSound(await shown({ text: '署名', font, rectangle }, tagged('<< /Nums [] >>')))
  })
})
