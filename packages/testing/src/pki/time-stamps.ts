/** Time-stamps of the test PKI, at the time that a test wants, and what it takes besides to make signatures last. */
import { randomBytes } from 'node:crypto'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { nodePlatform } from '@natsuin/pki/node'
import { assembleTimeStampToken, buildTstInfo, prepareTimeStampToken } from '@natsuin/pki/tsp'
import { statusSource } from './status.ts'
import { type Entity, NOW, root, timeStampingUnit } from './test-pki.ts'

/** A token of the unit over the imprint. */
export async function timeStampToken(
  hashedMessage: Uint8Array,
  digestAlgorithm: DigestAlgorithm,
  unit: Entity = timeStampingUnit,
  genTime = NOW,
): Promise<Uint8Array> {
  const serialNumber = new Uint8Array(randomBytes(8))
  const tstInfo = buildTstInfo({ policy: '1.2.3.4', digestAlgorithm, hashedMessage, serialNumber, genTime })
  const prepared = await prepareTimeStampToken(tstInfo, unit.certificate, unit.algorithm, nodePlatform)
  return assembleTimeStampToken(prepared, unit.sign(prepared.signedAttributes), { certReq: true })
}

/** Whose tokens, and when. */
export interface Augmenting {
  readonly at?: Date | undefined
  readonly stampedBy?: Entity | undefined
}

/** The options that all formats take for augmenting. */
export function augmentingAt({ at = NOW, stampedBy }: Augmenting = {}) {
  return {
    platform: nodePlatform,
    at,
    timeStamp: (imprint: Uint8Array, algorithm: DigestAlgorithm) =>
      timeStampToken(imprint, algorithm, stampedBy, at),
    trustAnchors: [root.certificate.bytes],
    revocation: statusSource(),
  }
}
