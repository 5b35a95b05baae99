import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { asText, type PdfObject, pdfString, textString } from './objects.ts'
import { PdfParser, WindowExhausted } from './parser.ts'
import { writeObject } from './writer.ts'

const bytes = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))
const parser = (text: string, complete = true) =>
  new PdfParser({ bytes: bytes(text), base: 0, complete, depth: 8 })
const parse = (text: string): PdfObject => parser(text).object()
const written = (object: PdfObject) => new TextDecoder().decode(writeObject(object))
const malformed = { name: 'PdfRefusal', code: 'malformed-structure' }

describe('objects (ISO 32000-2, 7.3)', () => {
  it('are read in every spelling', () => {
    const cases: Readonly<Record<string, string>> = {
      ' % comment\n true': 'true',
      'null ': 'null',
      '+17 ': '+17',
      '-.002': '-.002',
      '4.': '4.',
      '(a\\(b\\)\\\\)': '(a\\(b\\)\\\\)',
      '(nested (ones) count)': '(nested \\(ones\\) count)',
      '(\\101\\7\\1234)': '<410753' + '34>',
      '(a\\\r\nb\r\nc\rd)': '<61620a630a64>',
      '(\\n\\r\\t\\b\\f\\x)': '<0a0d09080c78>',
      '<48 65\n6C6c6F7>': '(Hellop)',
      '/A#20B#2F': '/A#20B#2f',
      '/': '/',
      '[1 0 R 2 0/X(y)<<>>]': '[1 0 R 2 0 /X (y) <<>>]',
      '<</A/B/C[<</D 1>>]/E<00>>>': '<</A /B /C [<</D 1>>] /E <00>>>',
      '12 0 R': '12 0 R',
      '12 0 ': '12',
    }
    for (const [source, expected] of Object.entries(cases))
      assert.equal(written(parse(source)), expected, source)
  })

  it('are refused when they are not written as the standard demands (T-PDF-10)', () => {
    const refused = [
      ...['', ')', '>>', ']', '}', 'nul', 'True', '1.2.3', '--1', '1e5', '0x10', '.'],
      ...[
        '(open',
        '<4g>',
        '<48',
        '[1 2',
        '<<',
        '<</A',
        '<</A 1',
        '<</A 1>',
        '<<1 2>>',
        '<</A 1/A 2>>',
        '<</A>>',
      ],
    ]
    for (const source of refused) assert.throws(() => parse(source), malformed, source)
  })

  it('nest up to the limit and not beyond', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    assert.equal(written(parse(nested(8))), nested(8))
    assert.throws(() => parse(nested(9)), { code: 'limit-exceeded' })
    assert.throws(() => parse(nested(100_000)), { code: 'limit-exceeded' })
  })

  it('ask for a larger window instead of being misread at its end', () => {
    for (const whole of ['123 ', '(abc)', '<</Name/Value>>', '12 0 R ', '/Name ', 'true ']) {
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.slice(0, length)
        assert.throws(() => parser(cut, false).object(), WindowExhausted, cut)
      }
      parser(`${whole} /Next `, false).object()
    }
  })

  it('say the same after they were written', () => {
    const text = fc.string({ unit: 'binary-ascii' })
    const { object } = fc.letrec<{ object: PdfObject }>(tie => ({
      object: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, false),
        fc.integer().map(value => ({ type: 'number', value, spelling: String(value) }) as const),
        text.map(name => ({ type: 'name', name }) as const),
        fc.uint8Array().map(content => pdfString(new Uint8Array(content))),
        fc
          .record({ number: fc.nat(), generation: fc.nat(65535) })
          .map(ids => ({ type: 'reference', ...ids }) as const),
        fc.array(tie('object'), { maxLength: 4 }).map(items => ({ type: 'array', items }) as const),
        fc
          .array(fc.tuple(text, tie('object')), { maxLength: 4 })
          .map(entries => ({ type: 'dictionary', entries: new Map(entries) }) as const),
      ),
    }))
    fc.assert(
      fc.property(object, value => assert.deepEqual(parse(written(value)), value)),
      { numRuns: rounds('property'), seed: seed() },
    )
  })
})

describe('text strings (7.9.2.2)', () => {
  it('are read and written in any script', () => {
    for (const text of ['Signature1', '契約書', 'naïve', '𠮷野', ''])
      assert.equal(asText(textString(text)), text)
    assert.equal(asText(pdfString(Uint8Array.of(0xef, 0xbb, 0xbf, 0xe5, 0xa5, 0x91))), '契')
  })
})
