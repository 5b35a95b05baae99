/** PAdES: every algorithm at every level, and what people do with PDF files. EN 319 142-1 V1.2.1, 6. */
import {
  augmentPades,
  BASELINE_LEVELS,
  type BaselineLevel,
  completePades,
  type PreparePadesOptions,
  preparePades,
} from '@natsuin/ades/pades'
import { bytesSource } from '@natsuin/ades/pdf'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { type Entity, NOW, statusSource } from '@natsuin/testing/pki'
import { chain, foreignRoot, issuing, newUnit, root, unit } from './authorities.ts'
import type { Cell, Specimen } from './cell.ts'
import { encrypted, PASSWORD } from './encrypted-pdf.ts'
import { ALGORITHMS, minutes, signerFor, statusOf, timeStampAt, years } from './stage.ts'

const JUDGED = minutes(120)

interface Signing extends Partial<Omit<PreparePadesOptions, 'signatureAlgorithm'>> {
  readonly by?: Entity
  readonly stampedBy?: Entity
}

interface Augmenting {
  readonly at?: Date
  readonly stampedBy?: Entity
  readonly kind?: 'ocsp' | 'crl'
  readonly password?: string
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
  { at = minutes(60), stampedBy, kind = 'ocsp', ...others }: Augmenting = {},
): Promise<Uint8Array> {
  const options = {
    platform,
    at,
    timeStamp: timeStampAt(at, stampedBy),
    trustAnchors: [root.certificate.bytes],
    revocation: statusSource({ kind }),
    ...others,
  }
  return concat(document, await augmentPades(bytesSource(document), level, options))
}

/** As an application does it: with a time-stamp at once, and what makes it last behind. */
async function atLevel(
  document: Uint8Array,
  level: BaselineLevel,
  { kind, ...wishes }: Signing & Pick<Augmenting, 'kind'> = {},
): Promise<Uint8Array> {
  if (level === 'B-B' || level === 'B-T') return sign(document, level, wishes)
  const { password } = wishes
  return augment(await sign(document, 'B-T', wishes), level, {
    ...(kind === undefined ? {} : { kind }),
    ...(password === undefined ? {} : { password }),
  })
}

function shape(name: string): Uint8Array {
  const found = PDF_SHAPES.find(one => one.name === name)
  if (found === undefined) throw new RangeError(`no PDF shape is called ${name}`)
  return found.bytes()
}

const classic = shape('classic')

interface Row extends Partial<Cell> {
  readonly what: string
  readonly level: BaselineLevel
  readonly document: () => Promise<Uint8Array>
  /** What is known of revocations beside the document. */
  readonly status?: () => Promise<Specimen['status']>
  readonly given?: Partial<Specimen>
}

function cell({ document, status, given, ...row }: Row): Cell {
  const { algorithm = 'ecdsa-sha256', level } = row
  const make = async (): Promise<Specimen> => ({
    bytes: await document(),
    extension: '.pdf',
    at: JUDGED,
    anchors: [root.certificate.bytes],
    status: await (status?.() ?? missingStatus(level, algorithm)),
    ...given,
  })
  return { format: 'PAdES', algorithm, signatures: 1, expected: 'accepted', make, ...row }
}

/** Below B-LT the document brings nothing. */
async function missingStatus(
  level: BaselineLevel,
  algorithm: SignatureAlgorithm,
): Promise<Specimen['status']> {
  if (level === 'B-LT' || level === 'B-LTA') return []
  return statusOf([await signerFor(algorithm), issuing, unit], JUDGED)
}

const algorithms = ALGORITHMS.flatMap(algorithm =>
  BASELINE_LEVELS.map(level =>
    cell({
      what: 'one signature',
      level,
      algorithm,
      document: async () => atLevel(classic, level, { by: await signerFor(algorithm) }),
    }),
  ),
)

const firstUnit = await newUnit('Interop TSU of two years', years(2))

/** The signer's certificate and the first time-stamping unit's have expired by then. */
const renewals = ALGORITHMS.map(algorithm =>
  cell({
    what: 'renewed before its time-stamp’s certificate expired, judged a year after',
    level: 'B-LTA',
    algorithm,
    document: async () => {
      const by = await signerFor(algorithm, years(1))
      const signed = await sign(classic, 'B-T', { by, stampedBy: firstUnit })
      const lasting = await augment(signed, 'B-LTA', { stampedBy: firstUnit })
      return augment(lasting, 'B-LTA', { at: years(1.5) })
    },
    status: () => statusOf([issuing, unit], years(3)),
    given: { at: years(3) },
  }),
)

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
      document: () => atLevel(classic, level, { kind: 'crl' }),
    }),
  ),
]

const severalSigners = BASELINE_LEVELS.map(level =>
  cell({
    what: 'two signers, one after the other',
    level,
    signatures: 2,
    document: async () => {
      const first = level === 'B-B' ? 'B-B' : 'B-T'
      return atLevel(await sign(classic, first, { fieldName: 'First' }), level, { fieldName: 'Second' })
    },
  }),
)

const certified = (['no-change', 'form-filling', 'annotations'] as const).map(certification =>
  cell({
    what: `certified: ${certification}`,
    level: 'B-LTA',
    document: () => atLevel(classic, 'B-LTA', { certification }),
  }),
)

const counterSigned = cell({
  what: 'certified, then signed by another',
  level: 'B-LTA',
  signatures: 2,
  document: async () =>
    atLevel(await sign(classic, 'B-T', { certification: 'form-filling', fieldName: 'Author' }), 'B-LTA', {
      fieldName: 'Reader',
    }),
})

const locks = [
  cell({
    what: 'all fields locked',
    level: 'B-LTA',
    document: () => atLevel(shape('text-field'), 'B-LTA', { lock: { action: 'all' } }),
  }),
  cell({
    what: 'one field locked, then signed by another',
    level: 'B-LTA',
    signatures: 2,
    document: async () =>
      atLevel(
        await sign(shape('text-field'), 'B-T', {
          fieldName: 'First',
          lock: { action: 'include', fields: ['Name'] },
        }),
        'B-LTA',
        { fieldName: 'Second' },
      ),
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
      document: () => atLevel(bytes(), 'B-LTA', fieldName === undefined ? {} : { fieldName }),
    }),
  )

const encryptions = (['AES-128', 'AES-256'] as const).map(cipher =>
  cell({
    what: `a document encrypted with ${cipher}`,
    level: 'B-LTA',
    document: () => atLevel(encrypted(classic, cipher), 'B-LTA', { password: PASSWORD }),
    given: { password: PASSWORD },
  }),
)

/** A judge that says yes to all of them would judge nothing. */
const refusals = [
  cell({
    what: 'one letter of the page changed',
    level: 'B-LTA',
    expected: 'refused',
    document: async () => altered(await atLevel(classic, 'B-LTA')),
  }),
  cell({
    what: 'the signer’s certificate is revoked',
    level: 'B-B',
    expected: 'refused',
    document: () => sign(classic, 'B-B'),
    status: async () => {
      const signer = await signerFor('ecdsa-sha256')
      return statusOf([signer, issuing], JUDGED, signer)
    },
  }),
  cell({
    what: 'nothing is known of revocations',
    level: 'B-T',
    expected: 'refused',
    document: () => sign(classic, 'B-T'),
    status: async () => [],
  }),
  cell({
    what: 'another root is trusted',
    level: 'B-LTA',
    expected: 'refused',
    document: () => atLevel(classic, 'B-LTA'),
    given: { anchors: [foreignRoot.certificate.bytes] },
  }),
]

function altered(document: Uint8Array): Uint8Array {
  const bytes = Buffer.from(document)
  bytes.write('d', bytes.indexOf('A deed'))
  return new Uint8Array(bytes)
}

export const padesCells: readonly Cell[] = [
  ...algorithms,
  ...renewals,
  ...steps,
  ...severalSigners,
  ...certified,
  counterSigned,
  ...locks,
  ...shapes,
  ...encryptions,
  ...refusals,
]
