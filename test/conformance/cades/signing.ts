/** Signs a content as an application and a key would together, for the tests of this folder. */
import {
  type AugmentCadesOptions,
  attachContent,
  augmentCades,
  type ByteSource,
  bytesSource,
  type CompleteCadesOptions,
  type Content,
  completeCades,
  type PrepareCadesOptions,
  type PreparedCades,
  prepareCades,
} from '@natsuin/ades/cades'
import { type Verdict, type VerifyCadesOptions, verifyCades } from '@natsuin/ades/validation'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { augmentingAt, type Entity, NOW, root, signer, signingAs, timeStampToken } from '@natsuin/testing/pki'

export const CONTENT = utf8('契約書\nThe parties agree.\n')

export interface Wishes extends Partial<Omit<PrepareCadesOptions & CompleteCadesOptions, 'platform'>> {
  readonly content?: Content
  readonly by?: Entity
  /** Level B-T, which is what is made unless B-B is asked for. */
  readonly withTimeStamp?: boolean
}

export function prepare(wishes: Wishes = {}): Promise<PreparedCades> {
  const { content = bytesSource(CONTENT), by = signer } = wishes
  return prepareCades(content, {
    ...signingAs(by),
    ...wishes,
  })
}

/** A detached signature. */
export async function sign(wishes: Wishes = {}): Promise<Uint8Array> {
  const { by = signer, withTimeStamp = true, beside } = wishes
  const prepared = await prepare(wishes)
  const timeStamp = wishes.timeStamp ?? ((imprint, algorithm) => timeStampToken(imprint, algorithm))
  return completeCades(prepared, by.sign(prepared.signedAttributes), {
    platform: nodePlatform,
    ...(withTimeStamp ? { timeStamp } : {}),
    ...(beside === undefined ? {} : { beside }),
  })
}

/** The signature with the content inside. */
export async function attached(signature: Uint8Array, content = CONTENT): Promise<Uint8Array> {
  return allOf(attachContent(signature, bytesSource(content)))
}

export async function allOf(source: ByteSource): Promise<Uint8Array> {
  return (await source.read(0, source.size)).slice()
}

export function verifyAll(
  signature: Uint8Array,
  wishes: Partial<VerifyCadesOptions> = { content: bytesSource(CONTENT) },
): Promise<readonly Verdict[]> {
  return verifyCades(bytesSource(signature), {
    platform: nodePlatform,
    trustAnchors: [root.certificate.bytes],
    at: NOW,
    ...wishes,
  })
}

/** The verdict on the only signer. */
export async function verify(signature: Uint8Array, wishes?: Partial<VerifyCadesOptions>): Promise<Verdict> {
  const [verdict, ...others] = await verifyAll(signature, wishes)
  if (verdict === undefined || others.length > 0) throw new RangeError('not one signer')
  return verdict
}

/** What augmenting takes, at the given time. */
export function lasting({
  at,
  stampedBy,
  ...wishes
}: Partial<AugmentCadesOptions> & { readonly stampedBy?: Entity } = {}): AugmentCadesOptions {
  return { ...augmentingAt({ at, stampedBy }), content: bytesSource(CONTENT), ...wishes }
}

export function augment(
  signature: Uint8Array,
  level: 'B-T' | 'B-LT' | 'B-LTA',
  wishes: Parameters<typeof lasting>[0] = {},
): Promise<Uint8Array> {
  return augmentCades(signature, level, lasting(wishes))
}
