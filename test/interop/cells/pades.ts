/** PAdES: every algorithm at every level, and what people do with PDF files. EN 319 142-1 V1.2.1, 6. */
import { readFileSync } from 'node:fs'
import {
  augmentPades,
  type BaselineLevel,
  completePades,
  type PreparePadesOptions,
  preparePades,
} from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import { concat } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { archivalPdf, documentWithField, PDF_SHAPES } from '@natsuin/testing/pdf'
import { type Entity, NOW } from '@natsuin/testing/pki'
import { chain } from './authorities.ts'
import type { Cell } from './cell.ts'
import { encrypted, PASSWORD } from './encrypted-pdf.ts'
import { atLevel, cellsOf, everyAlgorithm, everyLevel, LEVELS, type Maker, refusals } from './row.ts'
import { type Augmenting, lasting, minutes, signerFor, timeStampAt } from './stage.ts'

const cell = cellsOf('PAdES', '.pdf')

interface Signing extends Partial<Omit<PreparePadesOptions, 'signatureAlgorithm'>> {
  readonly by?: Entity
  readonly stampedBy?: Entity | undefined
}

async function sign(document: Uint8Array, level: 'B-B' | 'B-T', wishes: Signing = {}): Promise<Uint8Array> {
  const { by = await signerFor('ecdsa-sha256'), stampedBy, ...others } = wishes
  const prepared = await preparePades(bytesSource(document), {
    platform,
    signingCertificate: by.certificate.bytes,
    chain,
    signatureAlgorithm: by.algorithm,
    signingTime: NOW,
    withTimeStamp: level === 'B-T',
    ...others,
  })
  const options = { platform, timeStamp: timeStampAt(minutes(1), stampedBy) }
  return concat(document, await completePades(prepared, by.sign(prepared.signedAttributes), options))
}

async function augment(
  document: Uint8Array,
  level: Exclude<BaselineLevel, 'B-B'>,
  { password, ...how }: Augmenting & { readonly password?: string } = {},
): Promise<Uint8Array> {
  const options = { ...lasting(how), ...(password === undefined ? {} : { password }) }
  return concat(document, await augmentPades(bytesSource(document), level, options))
}

function makerOf(what: string, document: Uint8Array, { password, ...wishes }: Signing = {}): Maker {
  const opened = password === undefined ? {} : { password }
  return {
    what,
    sign: (level, by, stampedBy) => sign(document, level, { ...wishes, ...opened, by, stampedBy }),
    augment: (signed, level, how) => augment(signed, level, { ...how, ...opened }),
    given: opened,
  }
}

/** One signer's signature straight to the level. */
async function signAt(document: Uint8Array, level: BaselineLevel, wishes: Signing = {}): Promise<Uint8Array> {
  return atLevel(makerOf('', document, wishes), level, await signerFor('ecdsa-sha256'))
}

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  if (found === undefined) throw new RangeError(`no PDF shape is called ${name}`)
  return found.bytes()
}

const classic = shape('classic')
const oneSignature = makerOf('one signature', classic)

const steps = [
  cell({
    what: 'B-B, a document time-stamp later',
    level: 'B-T',
    stampedByDocument: true,
    document: async () => augment(await sign(classic, 'B-B'), 'B-T'),
  }),
  cell({
    what: 'B-B, all the rest later',
    level: 'B-LTA',
    stampedByDocument: true,
    document: async () => augment(await sign(classic, 'B-B'), 'B-LTA'),
  }),
  ...(['B-LT', 'B-LTA'] as const).map(level =>
    cell({
      what: 'with CRLs instead of OCSP answers',
      level,
      document: async () => atLevel(oneSignature, level, await signerFor('ecdsa-sha256'), { kind: 'crl' }),
    }),
  ),
]

const severalSigners = LEVELS.map(level =>
  cell({
    what: 'two signers, one after the other',
    level,
    signatures: 2,
    document: async () => {
      const first = level === 'B-B' ? 'B-B' : 'B-T'
      return signAt(await sign(classic, first, { fieldName: 'First' }), level, { fieldName: 'Second' })
    },
  }),
)

const certified = (['no-change', 'form-filling', 'annotations'] as const).map(certification =>
  cell({
    what: `certified: ${certification}`,
    level: 'B-LTA',
    document: () => signAt(classic, 'B-LTA', { certification }),
  }),
)

const counterSigned = cell({
  what: 'certified, then signed by another',
  level: 'B-LTA',
  signatures: 2,
  document: async () =>
    signAt(await sign(classic, 'B-T', { certification: 'form-filling', fieldName: 'Author' }), 'B-LTA', {
      fieldName: 'Reader',
    }),
})

const locks = [
  cell({
    what: 'all fields locked',
    level: 'B-LTA',
    document: () => signAt(shape('text-field'), 'B-LTA', { lock: { action: 'all' } }),
  }),
  cell({
    what: 'one field locked, then signed by another',
    level: 'B-LTA',
    signatures: 2,
    document: async () =>
      signAt(
        await sign(shape('text-field'), 'B-T', {
          fieldName: 'First',
          lock: { action: 'include', fields: ['Name'] },
        }),
        'B-LTA',
        { fieldName: 'Second' },
      ),
  }),
]

const FONT = '/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf'
const look = () => ({ text: '電子署名\n山田花子', font: new Uint8Array(readFileSync(FONT)) })
const shown = () => ({ appearance: { ...look(), rectangle: [72, 572, 372, 672] } as const })

/** Nothing that is shown later may be held against what was signed before. */
const visible = [
  cell({ what: 'visible, in Japanese', level: 'B-LTA', document: () => signAt(classic, 'B-LTA', shown()) }),
  ...(['classic', 'tagged'] as const).map(kind =>
    cell({
      what: `visible behind an earlier signature, in a document that is ${kind}`,
      level: 'B-LTA',
      signatures: 2,
      document: async () =>
        signAt(
          await sign(kind === 'tagged' ? archivalPdf('pdfua-1') : classic, 'B-T', shown()),
          'B-LTA',
          shown(),
        ),
    }),
  ),
  cell({
    what: 'certified, then a field that was prepared signed visibly',
    level: 'B-LTA',
    signatures: 2,
    document: async () => {
      const author = { certification: 'form-filling', fieldName: 'Author' } as const
      const certified = await sign(documentWithField('72 572 372 672'), 'B-T', author)
      return signAt(certified, 'B-LTA', { fieldName: 'Approval', appearance: look() })
    },
  }),
]

/** What stands there for an earlier signature is none, which is all that judges would speak of. */
const SIGNED = ['certified-form-filling', 'locked-others']

/** Those of the test kit that are signed and not refused. */
const shapes = PDF_SHAPES.filter(
  ({ name, expectation }) => expectation === 'signed' && !SIGNED.includes(name),
)
  .filter(({ name }) => name !== 'classic')
  .map(({ name, bytes, fieldName }) =>
    cell({
      what: `a document: ${name}`,
      level: 'B-LTA',
      document: () => signAt(bytes(), 'B-LTA', fieldName === undefined ? {} : { fieldName }),
    }),
  )

const encryptions = (['AES-128', 'AES-256'] as const).flatMap(cipher =>
  everyLevel(
    cell,
    makerOf(`a document encrypted with ${cipher}`, encrypted(classic, cipher), { password: PASSWORD }),
  ),
)

function altered(document: Uint8Array): Uint8Array {
  const bytes = Buffer.from(document)
  bytes.write('d', bytes.indexOf('A deed'))
  return new Uint8Array(bytes)
}

/** Somebody's file, with whatever it holds already. */
export function cellOfFile(name: string, original: Uint8Array, password: string | undefined): Cell {
  const opened = password === undefined ? {} : { password }
  return cell({
    what: name,
    level: 'B-B',
    signatures: 'the newest',
    document: () => signAt(original, 'B-B', opened),
    given: opened,
  })
}

export const padesCells: readonly Cell[] = [
  ...everyAlgorithm(cell, oneSignature),
  ...steps,
  ...severalSigners,
  ...certified,
  counterSigned,
  ...locks,
  ...visible,
  ...shapes,
  ...encryptions,
  ...refusals(cell, oneSignature, { document: async () => altered(await signAt(classic, 'B-LTA')) }),
]
