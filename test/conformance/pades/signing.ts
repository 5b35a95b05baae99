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
import { augmentingAt, type Entity, NOW, root, signer, signingAs, timeStampToken } from '@natsuin/testing/pki'

export interface Wishes extends Partial<PreparePadesOptions> {
  readonly by?: Entity
  readonly stampedBy?: Entity
}

export function prepare(source: ByteSource, { by = signer, ...wishes }: Wishes = {}): Promise<PreparedPades> {
  return preparePades(source, {
    ...signingAs(by),
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
  at,
  stampedBy,
  ...wishes
}: Partial<AugmentPadesOptions> & Pick<Wishes, 'stampedBy'> = {}): AugmentPadesOptions {
  return { ...augmentingAt({ at, stampedBy }), ...wishes }
}

/** The document with its signatures at the level. */
export async function augment(
  signed: Uint8Array,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  wishes: Parameters<typeof lasting>[0] = {},
): Promise<Uint8Array> {
  return concat(signed, await augmentPades(bytesSource(signed), level, lasting(wishes)))
}

export function verify(document: Uint8Array, at = NOW, password?: string): Promise<Verdict> {
  return verifyPades(bytesSource(document), {
    platform: nodePlatform,
    trustAnchors: [root.certificate.bytes],
    at,
    password,
  })
}
