/** What the cells of all formats have in common. */
import type { BaselineLevel } from '@natsuin/ades/pades'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import type { Entity } from '@natsuin/testing/pki'
import { foreignRoot, issuing, newUnit, root, unit } from './authorities.ts'
import type { Cell, Format, Specimen } from './cell.ts'
import { ALGORITHMS, type Augmenting, minutes, signerFor, statusOf, years } from './stage.ts'

/** When it is judged, where a row says nothing else. */
export const JUDGED = minutes(120)

/** What a format's file says of a cell. */
export interface Row extends Partial<Cell> {
  readonly what: string
  readonly level: BaselineLevel
  readonly document: () => Promise<Uint8Array>
  /** What is known of revocations beside the document; below B-LT all, because the document brings nothing. */
  readonly status?: () => Promise<Specimen['status']>
  readonly given?: Partial<Specimen>
}

export type CellOf = (row: Row) => Cell

export function cellsOf(format: Format, extension: string): CellOf {
  return ({ document, status, given, ...row }) => {
    const { algorithm = 'ecdsa-sha256', level } = row
    const make = async (): Promise<Specimen> => ({
      bytes: await document(),
      extension,
      at: JUDGED,
      anchors: [root.certificate.bytes],
      units: [unit.certificate.bytes],
      status: await (status?.() ?? missingStatus(level, algorithm)),
      ...given,
    })
    return { format, algorithm, signatures: 1, expected: 'accepted', make, ...row }
  }
}

async function missingStatus(
  level: BaselineLevel,
  algorithm: SignatureAlgorithm,
): Promise<Specimen['status']> {
  if (level === 'B-LT' || level === 'B-LTA') return []
  return statusOf([await signerFor(algorithm), issuing, unit], JUDGED)
}

/** What is known below B-LT, where there are two signers: by `ecdsa-sha256` and `ecdsa-sha384`. */
export async function statusOfBoth(level: BaselineLevel): Promise<Specimen['status']> {
  if (level === 'B-LT' || level === 'B-LTA') return []
  const both = await Promise.all([signerFor('ecdsa-sha256'), signerFor('ecdsa-sha384')])
  return statusOf([...both, issuing, unit], JUDGED)
}

/** How a format signs one thing, and makes it last. */
export interface Maker {
  readonly what: string
  readonly sign: (level: 'B-B' | 'B-T', by: Entity, stampedBy?: Entity) => Promise<Uint8Array>
  readonly augment: (
    signed: Uint8Array,
    level: Exclude<BaselineLevel, 'B-B'>,
    how: Augmenting,
  ) => Promise<Uint8Array>
  readonly given?: Partial<Specimen>
}

/** As an application does it: with a time-stamp at once, and what makes it last behind. */
export async function atLevel(
  { sign, augment }: Maker,
  level: BaselineLevel,
  by: Entity,
  how: Augmenting = {},
): Promise<Uint8Array> {
  if (level === 'B-B' || level === 'B-T') return sign(level, by)
  return augment(await sign('B-T', by), level, how)
}

export const LEVELS: readonly BaselineLevel[] = ['B-B', 'B-T', 'B-LT', 'B-LTA']

export function everyLevel(
  cell: CellOf,
  maker: Maker,
  algorithm: SignatureAlgorithm = 'ecdsa-sha256',
): readonly Cell[] {
  const { what, given = {} } = maker
  return LEVELS.map(level =>
    cell({
      what,
      level,
      algorithm,
      given,
      document: async () => atLevel(maker, level, await signerFor(algorithm)),
    }),
  )
}

const firstUnit = await newUnit('Interop TSU of two years', years(2))

/** The signer's certificate and the first time-stamping unit's have expired when it is judged. */
export function renewal(cell: CellOf, maker: Maker, algorithm: SignatureAlgorithm = 'ecdsa-sha256'): Cell {
  const { sign, augment, given = {} } = maker
  return cell({
    what: `${maker.what}, renewed before its time-stamp’s certificate expired, judged a year after`,
    level: 'B-LTA',
    later: true,
    algorithm,
    document: async () => {
      const signed = await sign('B-T', await signerFor(algorithm, years(1)), firstUnit)
      const archived = await augment(signed, 'B-LTA', { stampedBy: firstUnit })
      return augment(archived, 'B-LTA', { at: years(1.5) })
    },
    status: () => statusOf([issuing, unit], years(3)),
    given: { ...given, at: years(3) },
  })
}

/** Every algorithm that the format has at every level, and renewed. */
export function everyAlgorithm(
  cell: CellOf,
  maker: Maker,
  algorithms: readonly SignatureAlgorithm[] = ALGORITHMS,
): readonly Cell[] {
  return [
    ...algorithms.flatMap(algorithm => everyLevel(cell, maker, algorithm)),
    ...algorithms.map(algorithm => renewal(cell, maker, algorithm)),
  ]
}

/**
 * A judge that says yes to all of them would judge nothing.
 *
 * @param altered  a signature whose content is not what was signed
 */
export function refusals(
  cell: CellOf,
  maker: Maker,
  altered: Pick<Row, 'document' | 'given'>,
): readonly Cell[] {
  const { given = {} } = maker
  const made = async (level: BaselineLevel) => atLevel(maker, level, await signerFor('ecdsa-sha256'))
  const refused = (row: Omit<Row, 'expected'>) => cell({ given, ...row, expected: 'refused' })
  return [
    refused({ what: 'one letter of the content changed', level: 'B-LTA', ...altered }),
    refused({
      what: 'the signer’s certificate is revoked',
      level: 'B-B',
      document: () => made('B-B'),
      status: async () => {
        const signer = await signerFor('ecdsa-sha256')
        return statusOf([signer, issuing], JUDGED, signer)
      },
    }),
    refused({
      what: 'nothing is known of revocations',
      level: 'B-T',
      document: () => made('B-T'),
      status: async () => [],
    }),
    refused({
      what: 'another root is trusted',
      level: 'B-LTA',
      document: () => made('B-LTA'),
      given: { ...given, anchors: [foreignRoot.certificate.bytes] },
    }),
  ]
}
