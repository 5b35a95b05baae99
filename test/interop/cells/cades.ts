/** CAdES: every algorithm at every level, beside the content and around it. EN 319 122-1 V1.3.1, 6. */
import {
  attachContent,
  augmentCades,
  type BaselineLevel,
  bytesSource,
  COMMITMENT_TYPES,
  completeCades,
  completeCounterSignature,
  openCades,
  type PrepareCadesOptions,
  prepareCades,
  prepareCounterSignature,
} from '@natsuin/ades/cades'
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
import { type Augmenting, lasting, minutes, signerFor, timeStampAt } from './stage.ts'

const CONTENT = utf8('契約書\nThe parties agree.\n')
const content = bytesSource(CONTENT)
const NAME = 'contract.txt'
const beside = { detached: { [NAME]: CONTENT } }

const cell = cellsOf('CAdES', '.p7s')

interface Signing extends Pick<PrepareCadesOptions, 'claims'> {
  readonly stampedBy?: Entity | undefined
  /** Signatures of others, beside which this one is put. */
  readonly beside?: Uint8Array
}

/** What every signature here is prepared with. */
const signedBy = (by: Entity) => ({
  platform,
  signingCertificate: by.certificate.bytes,
  chain,
  signatureAlgorithm: by.algorithm,
  signingTime: NOW,
})

async function sign(level: 'B-B' | 'B-T', by: Entity, wishes: Signing = {}): Promise<Uint8Array> {
  const { stampedBy, beside: others, ...claims } = wishes
  const prepared = await prepareCades(content, { ...signedBy(by), ...claims })
  return completeCades(prepared, by.sign(prepared.signedAttributes), {
    platform,
    ...(level === 'B-T' ? { timeStamp: timeStampAt(minutes(1), stampedBy) } : {}),
    ...(others === undefined ? {} : { beside: others }),
  })
}

const augment = (signature: Uint8Array, level: Exclude<BaselineLevel, 'B-B'>, how: Augmenting) =>
  augmentCades(signature, level, { ...lasting(how), content })

const makerOf = (what: string, wishes: Signing = {}): Maker => ({
  what,
  sign: (level, by, stampedBy) => sign(level, by, { ...wishes, stampedBy }),
  augment,
  given: beside,
})

const detached = makerOf('detached')

async function attached(signature: Uint8Array): Promise<Uint8Array> {
  const whole = attachContent(signature, content)
  return (await whole.read(0, whole.size)).slice()
}

const inside: Maker = {
  what: 'attached',
  sign: async (level, by) => attached(await sign(level, by)),
  augment: async (whole, level, how) =>
    attached(await augment((await openCades(bytesSource(whole))).signature, level, how)),
}

const lists = (['B-LT', 'B-LTA'] as const).map(level =>
  cell({
    what: 'with CRLs instead of OCSP answers',
    level,
    given: beside,
    document: async () => atLevel(detached, level, await signerFor('ecdsa-sha256'), { kind: 'crl' }),
  }),
)

const claimed = makerOf('roles, place, commitment, media type', {
  claims: {
    claimedRoles: ['代表取締役'],
    signerLocation: { country: 'JP', locality: '京都' },
    commitmentType: COMMITMENT_TYPES.proofOfApproval,
    mimeType: 'text/plain',
    contentIdentifier: utf8('contract 17'),
  },
})

const severalSigners = LEVELS.map(level =>
  cell({
    what: 'two signers, beside each other',
    level,
    signatures: 2,
    given: beside,
    status: () => statusOfBoth(level),
    document: async () => {
      const first = await sign(level === 'B-B' ? 'B-B' : 'B-T', await signerFor('ecdsa-sha256'))
      return atLevel(makerOf('', { beside: first }), level, await signerFor('ecdsa-sha384'))
    },
  }),
)

/** The counter-signature is judged as well. */
async function counterSigned(): Promise<Uint8Array> {
  const signature = await sign('B-T', await signerFor('ecdsa-sha256'))
  const by = await signerFor('ecdsa-sha384')
  const prepared = await prepareCounterSignature(signature, signedBy(by))
  return completeCounterSignature(signature, prepared, by.sign(prepared.signedAttributes), {
    platform,
    timeStamp: timeStampAt(minutes(2)),
  })
}

const counterSignatures = (['B-T', 'B-LTA'] as const).map(level =>
  cell({
    what: 'counter-signed',
    level,
    signatures: 2,
    given: beside,
    status: () => statusOfBoth(level),
    document: async () => (level === 'B-T' ? counterSigned() : augment(await counterSigned(), level, {})),
  }),
)

export const cadesCells: readonly Cell[] = [
  ...everyAlgorithm(cell, detached),
  ...everyLevel(cellsOf('CAdES', '.p7m'), inside),
  ...lists,
  ...everyLevel(cell, claimed),
  ...severalSigners,
  ...counterSignatures,
  ...refusals(cell, detached, {
    document: async () => atLevel(detached, 'B-LTA', await signerFor('ecdsa-sha256')),
    given: { detached: { [NAME]: CONTENT.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) } },
  }),
]
