/**
 * Attacks on what a signature covers: T-PDF-01 (universal forgery: Contents or ByteRange missing or of another
 * kind) and T-PDF-02 (evil ByteRange). None of the variants is ever TOTAL-PASSED, and the file they start from is.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '@natsuin/pki/encoding'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { sign, verify } from './signing.ts'

const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const signed = await sign(original)
const text = Buffer.from(signed).toString('latin1')
const bytes = (changed: string) => new Uint8Array(Buffer.from(changed, 'latin1'))
const [found = '', gapStart = 0, gapEnd = 0, rest = 0] = numbersOf(text)

function numbersOf(document: string): [string, number, number, number] {
  const [whole = '', first, second, third] = /\/ByteRange \[0 +(\d+) +(\d+) +(\d+) *\]/.exec(document) ?? []
  return [whole, Number(first), Number(second), Number(third)]
}

const HEX = text.slice(gapStart, gapEnd)
const DIGITS = HEX.slice(1, -1)
const CMS_END = DIGITS.replace(/0+$/, '').length

/** The replacement takes the same room, so that only what it says is wrong with it. */
const sameLength = (replacement: string, of: string) => replacement.padEnd(of.length, ' ')
const withRange = (replacement: string) => text.replace(found, sameLength(replacement, found))
const withContents = (replacement: string) =>
  text.slice(0, gapStart) + sameLength(replacement, HEX) + text.slice(gapEnd)

/** T-PDF-01. */
const UNIVERSAL_FORGERY: Readonly<Record<string, string>> = {
  'no ByteRange': withRange(''),
  'ByteRange null': withRange('/ByteRange null'),
  'ByteRange empty': withRange('/ByteRange []'),
  'ByteRange a name': withRange('/ByteRange /None'),
  'ByteRange a string': withRange('/ByteRange (0 1 2 3)'),
  'ByteRange a dictionary': withRange('/ByteRange <<>>'),
  'ByteRange a number': withRange('/ByteRange 0'),
  'ByteRange all zeros': withRange('/ByteRange [0 0 0 0]'),
  'ByteRange negative': withRange(`/ByteRange [0 -${gapStart} ${gapEnd} ${rest}]`),
  'ByteRange of reals': withRange(`/ByteRange [0 ${gapStart}.0 ${gapEnd} ${rest}]`),
  'ByteRange huge': withRange('/ByteRange [0 9999999999 9999999999 1]'),
  'ByteRange indirect': withRange('/ByteRange 1 0 R'),
  'numbers indirect': withRange('/ByteRange [0 1 0 R 2 0 R 3 0 R]'),
  'the key escaped': withRange(found.replace('/ByteRange', '/Byte#52ange')),
  'the key in other letters': withRange(found.replace('/ByteRange', '/Byterange')),
  'Contents missing': withContents(''),
  'Contents null': withContents('null'),
  'Contents empty': withContents('<>'),
  'Contents of zeros': withContents(`<${'0'.repeat(DIGITS.length)}>`),
  'Contents a literal string': withContents(`(${DIGITS})`),
  'Contents a name': withContents('/None'),
  'Contents an array': withContents('[]'),
  'Contents a reference': withContents('1 0 R'),
  'Contents truncated': withContents(`<${DIGITS.slice(0, CMS_END / 2)}>`),
  'Contents with an odd digit': withContents(`<${DIGITS.slice(1)}>`),
  'Contents with another letter': withContents(`<g${DIGITS.slice(1)}>`),
  'something behind the CMS': withContents(`<${DIGITS.slice(0, -2)}01>`),
  'another Type': text.replace('/Type /Sig', '/Type /Sog'),
  'no Filter': text.replace('/Filter /Adobe.PPKLite', '/Falter /Adobe.PPKLite'),
}

/** T-PDF-02: the three numbers moved by some bytes each, alone and together. */
function* movedRanges(): Generator<readonly [string, string]> {
  const steps = [-1000, -64, -2, -1, 0, 1, 2, 64, 1000]
  for (const first of steps) {
    for (const second of steps) {
      for (const third of [-second, -1, 0, 1]) {
        if (first === 0 && second === 0 && third + 0 === 0) continue
        const moved = [gapStart + first, gapEnd + second, rest + third]
        yield [`moved by ${first}, ${second}, ${third}`, withRange(`/ByteRange [0 ${moved.join(' ')}]`)]
      }
    }
  }
}

const EVIL_BYTE_RANGE: Readonly<Record<string, string>> = {
  'two numbers': withRange(`/ByteRange [0 ${gapStart}]`),
  'three numbers': withRange(`/ByteRange [0 ${gapStart} ${gapEnd}]`),
  'six numbers': withRange(`/ByteRange [0 1 1 ${gapStart - 1} ${gapEnd} ${rest}]`),
  'not from the beginning': withRange(`/ByteRange [1 ${gapStart} ${gapEnd} ${rest}]`),
  'out of order': withRange(`/ByteRange [${gapEnd} ${rest} 0 ${gapStart}]`),
  'a comment between numbers': withRange(`/ByteRange [0 ${gapStart}%\n${gapEnd} ${rest}]`),
  'a sign before a number': withRange(`/ByteRange [0 +${gapStart} ${gapEnd} ${rest}]`),
  'white space appended': `${text}\n`,
  'an update appended': `${text}1 0 obj\nnull\nendobj\n`,
  'bytes before the header': ` ${text}`,
  'the last byte missing': text.slice(0, -1),
  'a line break in Contents': withContents(`<${DIGITS.slice(0, -2)}\n\n>`),
  'Contents spread by spaces': withContents(`< ${DIGITS.slice(0, -2)} >`),
  'Contents twice': text.replace(/\/M \(D:\d+Z\)/, found => sameLength('/Contents <00>', found)),
  'ByteRange twice': text.replace(/\/M \(D:\d+Z\)/, found => sameLength('/ByteRange [0 1]', found)),
}

describe('universal forgery (T-PDF-01)', () => {
  it('starts from a file that passes', async () => {
    assert.equal((await verify(signed)).indication, 'TOTAL-PASSED')
  })

  for (const [name, document] of Object.entries(UNIVERSAL_FORGERY)) {
    it(`never passes with ${name}`, () => assertFails(document))
  }
})

describe('evil ByteRange (T-PDF-02)', () => {
  for (const [name, document] of Object.entries(EVIL_BYTE_RANGE)) {
    it(`never passes with ${name}`, () => assertFails(document))
  }

  it('never passes with numbers that were moved (T-PDF-04)', async () => {
    let variants = 0
    for (const [name, document] of movedRanges()) {
      await assertFails(document, name)
      variants += 1
    }
    assert.ok(variants >= 200, `${variants} variants`)
  })

  it('never passes with a decoy that covers the file too (T-PDF-04)', async () => {
    const decoy = `/ByteRange [0 ${gapStart} ${gapEnd} ${rest}]`
    const document = text.replace('(A deed) Tj ET', decoy.padEnd('(A deed) Tj ET'.length))
    await assertFails(document)
  })
})

/** Every other kind of signature that a PDF can name (ISO 32000-2, table 255), and none. */
const SUB_FILTERS = [
  ...[
    '/adbe.pkcs7.detached',
    '/adbe.pkcs7.sha1',
    '/adbe.x509.rsa_sha1',
    '/ETSI.RFC3161',
    '/etsi.cades.detached',
  ],
  ...['(ETSI.CAdES.detached)', 'null', '[/ETSI.CAdES.detached]'],
]

describe('another SubFilter than the one of what is signed (T-PDF-16)', () => {
  const KIND = '/ETSI.CAdES.detached'

  for (const subFilter of SUB_FILTERS) {
    it(`never passes with ${subFilter}`, () =>
      assertFails(text.replace(KIND, sameLength(subFilter, KIND)).slice(0, text.length)))
  }

  it('never passes without one', () => assertFails(text.replace('/SubFilter', '/SubFolder')))
})

describe('signature wrapping (T-PDF-04)', () => {
  /** The signed revision goes somewhere else in the file, and its ByteRange with it. */
  const moved = (before: string, after: string) =>
    before +
    text.replace(
      found,
      sameLength(`/ByteRange [0 ${gapStart + before.length} ${gapEnd + before.length} ${rest}]`, found),
    ) +
    after
  const FORGED = '%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'
  const WRAPPED: Readonly<Record<string, string>> = {
    'behind a forged beginning': moved(FORGED, ''),
    'behind white space': moved('\n', ''),
    'in front of a forged end': moved('', `${FORGED}startxref\n0\n%%EOF\n`),
    'in between': moved(FORGED, `${FORGED}startxref\n0\n%%EOF\n`),
    'in a stream': moved(`${FORGED}9 0 obj\n<< /Length ${text.length} >>\nstream\n`, '\nendstream\nendobj\n'),
    'in a string': moved(`${FORGED}9 0 obj\n(`, ')\nendobj\n'),
    'in a comment': moved('%', ''),
    twice: moved('', text),
    'with its beginning again': moved(text.slice(0, gapStart), ''),
    'with its signature again': moved('', text.slice(gapStart)),
  }

  for (const [name, document] of Object.entries(WRAPPED)) {
    it(`never passes with the signed revision ${name}`, () => assertFails(document))
  }

  it('never passes with content in the room that its signature left over', async () => {
    const spare = '5 0 obj\n<< /Length 0 >>\nendobj\n'
    await assertFails(text.slice(0, gapEnd - 1 - spare.length) + spare + text.slice(gapEnd - 1))
  })
})

describe('one changed bit', () => {
  const flipped = (at: number) => {
    const changed = concat(signed)
    changed[at] = (changed[at] ?? 0) ^ 1
    return changed
  }

  it('is noticed in every byte outside the gap', async () => {
    for (let at = 0; at < signed.length; at = at === gapStart ? gapEnd - 1 : at + 1) {
      assert.equal((await verify(flipped(at))).indication, 'TOTAL-FAILED', `byte ${at}`)
    }
  })

  it('in the gap gives a verdict, never an exception', async () => {
    const step = 97
    for (let at = gapStart; at < gapEnd; at += step) {
      const verdict = await verify(flipped(at))
      // What the CMS carries unsigned may change: certificates that are not needed, for one. The signature may not.
      if (verdict.indication === 'TOTAL-PASSED') assert.equal(verdict.facts.signer, 'CN=Hanako Yamada')
    }
  })
})

async function assertFails(document: string, name?: string): Promise<void> {
  assert.notEqual(document, text, `${name}: nothing was changed`)
  const verdict = await verify(bytes(document))
  assert.equal(verdict.indication, 'TOTAL-FAILED', name)
}
