import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { documentWith, PDF_SHAPES } from '@natsuin/testing/pdf'
import { bytesSource } from './byte-source.ts'
import { type PresentationRisk, presentationRisks } from './presentation.ts'

const risksOf = (bytes: Uint8Array) => presentationRisks(bytesSource(bytes))
const shape = (name: string) => PDF_SHAPES.find(one => one.name === name)?.bytes() ?? new Uint8Array()

describe('what a document brings along that a viewer may not show (TS 119 431-2 V1.2.1, 8.1; T-UI-02, T-PDF-05, T-PDF-13)', () => {
  it('is nothing in plain documents and forms', async () => {
    for (const name of [
      'classic',
      'object-stream',
      'text-field',
      'hierarchical-field',
      'already-signed-field',
    ]) {
      assert.deepEqual(await risksOf(shape(name)), [], name)
    }
  })

  const risky: readonly (readonly [string, PresentationRisk, Uint8Array])[] = [
    [
      'a script upon opening',
      'scripts',
      documentWith({ catalog: '/OpenAction << /S /JavaScript /JS (1) >>' }),
    ],
    ['scripts by name', 'scripts', documentWith({ catalog: '/Names << /JavaScript << /Names [] >> >>' })],
    [
      'actions upon saving',
      'scripts',
      documentWith({ catalog: '/AA << /WS << /S /JavaScript /JS (1) >> >>' }),
    ],
    ['fields that are computed', 'scripts', documentWith({ catalog: '/AcroForm << /Fields [] /CO [] >>' })],
    ['an XFA form', 'dynamic-form', documentWith({ catalog: '/AcroForm << /Fields [] /XFA [] >>' })],
    ['layers', 'layers', documentWith({ catalog: '/OCProperties << /OCGs [5 0 R] /D << >> >>' })],
    [
      'a file by name',
      'attachments',
      documentWith({ catalog: '/Names << /EmbeddedFiles << /Names [] >> >>' }),
    ],
    ['an associated file', 'attachments', documentWith({ catalog: '/AF []' })],
    ['a portfolio', 'attachments', documentWith({ catalog: '/Collection << >>' })],
    ['a file on a page', 'attachments', documentWith({ annotation: '/Subtype /FileAttachment' })],
    ['a film', 'multimedia', documentWith({ annotation: '/Subtype /RichMedia' })],
    ['a model', 'multimedia', documentWith({ annotation: '/Subtype /3D' })],
  ]
  for (const [what, risk, bytes] of risky) {
    it(`is ${risk}: ${what}`, async () => assert.deepEqual(await risksOf(bytes), [risk]))
  }

  it('is nothing where the entry is there and empty', async () => {
    assert.deepEqual(await risksOf(documentWith({ catalog: '/OCProperties << /OCGs [] /D << >> >>' })), [])
    assert.deepEqual(await risksOf(documentWith({ catalog: '/OpenAction [3 0 R /Fit] /AF null' })), [])
    assert.deepEqual(await risksOf(documentWith({ annotation: '/Subtype /Link' })), [])
  })

  it('is several things at once, in one order', async () => {
    const catalog = '/AcroForm << /Fields [] /XFA [] /CO [] >> /OCProperties << /OCGs [5 0 R] /D << >> >>'
    assert.deepEqual(await risksOf(documentWith({ catalog, annotation: '/Subtype /Sound' })), [
      'scripts',
      'dynamic-form',
      'layers',
      'multimedia',
    ])
  })

  it('is not known where the structure is wrong or encrypted', async () => {
    for (const name of ['encrypted', 'wrong-offset', 'circular-page-tree', 'truncated', 'not-a-pdf']) {
      assert.deepEqual(await risksOf(shape(name)), ['unexamined'], name)
    }
  })
})
