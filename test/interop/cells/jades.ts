/** JAdES: every algorithm at every level, what is signed and how it is written. TS 119 182-1 V1.2.1, 6. */
import {
  type AugmentJadesOptions,
  addCounterSignature,
  augmentJades,
  type BaselineLevel,
  completeJades,
  contentToCounterSign,
  type DetachedContent,
  type JadesContent,
  type PrepareJadesOptions,
  prepareJades,
} from '@natsuin/ades/jades'
import { bytesSource } from '@natsuin/ades/pdf'
import { isSha2, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { type Entity, NOW } from '@natsuin/testing/pki'
import { chain } from './authorities.ts'
import type { Cell } from './cell.ts'
import {
  atLevel,
  cellsOf,
  everyAlgorithm,
  everyLevel,
  LEVELS,
  type Maker,
  refusals,
  statusOfBoth,
} from './row.ts'
import { ALGORITHMS, lasting, minutes, signerFor, timeStampAt } from './stage.ts'

const cell = cellsOf('JAdES', '.json')
const PAYLOAD = utf8('{"amount":"10.50","for":"a deed, 印鑑"}')

interface Wishes extends Partial<PrepareJadesOptions>, Pick<AugmentJadesOptions, 'unsigned'> {
  /** What a detached signature is over, for whoever augments. */
  readonly detached?: DetachedContent
}

function makerOf(
  what: string,
  content: JadesContent,
  { unsigned, detached, ...wishes }: Wishes = {},
  given: Maker['given'] = {},
): Maker {
  const further = {
    ...(unsigned === undefined ? {} : { unsigned }),
    ...(detached === undefined ? {} : { content: detached }),
  }
  return {
    what,
    given,
    sign: async (level, by, stampedBy) => {
      const prepared = await prepareJades(content, {
        platform,
        signingCertificate: by.certificate.bytes,
        chain,
        signatureAlgorithm: by.algorithm,
        signingTime: NOW,
        ...wishes,
      })
      const timeStamp = timeStampAt(minutes(1), stampedBy)
      return utf8(
        await completeJades(prepared, by.sign(prepared.signingInput), {
          platform,
          timeStamp,
          level,
          at: NOW,
          ...further,
        }),
      )
    },
    augment: async (signed, level, how) => {
      const text = new TextDecoder().decode(signed)
      return utf8(await augmentJades(text, level, { ...lasting(how), ...further }))
    },
  }
}

/** JOSE has no names for signatures with SHA-3. */
const NAMED = ALGORITHMS.filter(algorithm => isSha2(signatureAlgorithms[algorithm].digest))
const ATTACHED: JadesContent = { kind: 'attached', payload: PAYLOAD }
const flattened = makerOf('the payload inside, flattened JSON', ATTACHED)
const FILE = 'deed.json'
const objects = [{ uri: FILE, content: bytesSource(PAYLOAD) }]

const forms = [
  makerOf('general JSON', ATTACHED, { serialization: 'general' }),
  makerOf('the payload inside, unencoded', { ...ATTACHED, payload: utf8('a deed'), unencoded: true }),
  makerOf(
    'the payload beside it',
    { kind: 'detached', payload: PAYLOAD },
    { detached: { payload: PAYLOAD } },
    { detached: { [FILE]: PAYLOAD } },
  ),
  ...(['by-uri', 'by-uri-hash'] as const).map(kind =>
    makerOf(
      `the file by its name: ${kind}`,
      { kind, objects },
      { detached: { objects: new Map(objects.map(({ uri, content }) => [uri, content])) } },
      { detached: { [FILE]: PAYLOAD } },
    ),
  ),
]

const compact = cell({
  what: 'compact',
  level: 'B-B',
  document: async () =>
    atLevel(makerOf('', ATTACHED, { serialization: 'compact' }), 'B-B', await signerFor('ecdsa-sha256')),
})

async function signed(by: Entity, content: JadesContent, beside?: string): Promise<string> {
  const { certificate, algorithm: signatureAlgorithm } = by
  const signing = { platform, signingCertificate: certificate.bytes, chain, signatureAlgorithm }
  const prepared = await prepareJades(content, { ...signing, signingTime: NOW })
  const value = by.sign(prepared.signingInput)
  return completeJades(prepared, value, { platform, ...(beside === undefined ? {} : { beside }) })
}

const raised = async (jws: string, level: BaselineLevel): Promise<Uint8Array> =>
  utf8(level === 'B-B' ? jws : await augmentJades(jws, level, lasting({})))

const bothSigners = () => Promise.all([signerFor('ecdsa-sha256'), signerFor('ecdsa-sha384')])

const severalSigners = LEVELS.map(level =>
  cell({
    what: 'two signers, beside each other',
    level,
    signatures: 2,
    status: () => statusOfBoth(level),
    document: async () => {
      const [first, second] = await bothSigners()
      return raised(await signed(second, ATTACHED, await signed(first, ATTACHED)), level)
    },
  }),
)

/** The counter-signature is judged as well; it has no time-stamp of its own. */
const counterSigned = cell({
  what: 'counter-signed',
  level: 'B-B',
  signatures: 2,
  status: () => statusOfBoth('B-B'),
  document: async () => {
    const [first, second] = await bothSigners()
    const jws = await signed(first, ATTACHED)
    return utf8(addCounterSignature(jws, await signed(second, contentToCounterSign(jws))))
  },
})

function altered(signed: Uint8Array): Uint8Array {
  const jws = JSON.parse(new TextDecoder().decode(signed)) as { payload: string }
  const payload = Buffer.from(jws.payload, 'base64url').toString('utf8').replace('a deed', 'a deal')
  return utf8(JSON.stringify({ ...jws, payload: Buffer.from(payload).toString('base64url') }))
}

export const jadesCells: readonly Cell[] = [
  ...everyAlgorithm(cell, flattened, NAMED),
  compact,
  ...forms.flatMap(maker => everyLevel(cell, maker)),
  ...severalSigners,
  counterSigned,
  ...refusals(cell, flattened, {
    document: async () => altered(await atLevel(flattened, 'B-LTA', await signerFor('ecdsa-sha256'))),
  }),
]
