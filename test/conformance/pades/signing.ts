/** Signs a document as an application and a key would together, for the tests of this folder. */
import { randomBytes } from 'node:crypto'
import {
  type AugmentPadesOptions,
  augmentPades,
  completePades,
  type PreparedPades,
  type PreparePadesOptions,
  preparePades,
} from '@natsuin/ades/pades'
import { type ByteSource, bytesSource } from '@natsuin/ades/pdf'
import { type Verdict, verifyPades } from '@natsuin/ades/validation'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { concat } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { assembleTimeStampToken, buildTstInfo, prepareTimeStampToken } from '@natsuin/pki/tsp'
import { chain, type Entity, NOW, root, signer, statusSource, timeStampingUnit } from '@natsuin/testing/pki'

export interface Wishes extends Partial<PreparePadesOptions> {
  readonly by?: Entity
  readonly stampedBy?: Entity
}

export function prepare(source: ByteSource, { by = signer, ...wishes }: Wishes = {}): Promise<PreparedPades> {
  return preparePades(source, {
    platform: nodePlatform,
    signingCertificate: by.certificate.bytes,
    chain,
    signatureAlgorithm: by.algorithm,
    signingTime: NOW,
    withTimeStamp: true,
    ...wishes,
  })
}

export function complete(
  prepared: PreparedPades,
  { by = signer, stampedBy }: Wishes = {},
): Promise<Uint8Array> {
  const signatureValue = by.sign(prepared.signedAttributes)
  const timeStamp = (imprint: Uint8Array, algorithm: DigestAlgorithm) =>
    timeStampToken(imprint, algorithm, stampedBy)
  return completePades(prepared, signatureValue, { platform: nodePlatform, timeStamp })
}

/** The signed document. */
export async function sign(original: Uint8Array, wishes: Wishes = {}): Promise<Uint8Array> {
  const prepared = await prepare(bytesSource(original), wishes)
  return concat(original, await complete(prepared, wishes))
}

/** What augmenting takes, at the given time. */
export function lasting({
  at = NOW,
  stampedBy,
  ...wishes
}: Partial<AugmentPadesOptions> & Pick<Wishes, 'stampedBy'> = {}): AugmentPadesOptions {
  return {
    platform: nodePlatform,
    at,
    timeStamp: (imprint, algorithm) => timeStampToken(imprint, algorithm, stampedBy, at),
    trustAnchors: [root.certificate.bytes],
    revocation: statusSource(),
    ...wishes,
  }
}

/** The document with its signatures at the level. */
export async function augment(
  signed: Uint8Array,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  wishes: Parameters<typeof lasting>[0] = {},
): Promise<Uint8Array> {
  return concat(signed, await augmentPades(bytesSource(signed), level, lasting(wishes)))
}

/** A token of our time-stamping unit over the imprint. */
export async function timeStampToken(
  hashedMessage: Uint8Array,
  digestAlgorithm: DigestAlgorithm,
  unit: Entity = timeStampingUnit,
  genTime = NOW,
): Promise<Uint8Array> {
  const serialNumber = new Uint8Array(randomBytes(8))
  const tstInfo = buildTstInfo({
    policy: '1.2.3.4',
    digestAlgorithm,
    hashedMessage,
    serialNumber,
    genTime,
  })
  const prepared = await prepareTimeStampToken(tstInfo, unit.certificate, unit.algorithm, nodePlatform)
  return assembleTimeStampToken(prepared, unit.sign(prepared.signedAttributes), { certReq: true })
}

export function verify(document: Uint8Array, at = NOW, password?: string): Promise<Verdict> {
  return verifyPades(bytesSource(document), {
    platform: nodePlatform,
    trustAnchors: [root.certificate.bytes],
    at,
    password,
  })
}
