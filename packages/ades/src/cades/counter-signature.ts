/**
 * A signature over somebody's signature: EN 319 122-1 V1.3.1, 5.2.7; RFC 5652, 11.4. Prepared and completed as any other,
 * over the octets of the value, it stands in the unsigned attributes of what it is over.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import {
  counterSignature,
  extendSignedData,
  parseSignedData,
  type SignerClaims,
  type SignerInfo,
} from '@natsuin/pki/cms'
import { equal } from '@natsuin/pki/encoding'
import { bytesSource } from '../pdf/byte-source.ts'
import { AdesRefusal } from '../refusal.ts'
import { readable } from '../signing/readable.ts'
import { type CompleteCadesOptions, completeCades } from './complete.ts'
import { type PrepareCadesOptions, type PreparedCades, prepareOver } from './prepare.ts'

/** Which of several signers is meant, from 0; the first unless it is said otherwise. */
export interface SignerPlace {
  readonly index?: number
}

export interface PrepareCounterSignatureOptions extends PrepareCadesOptions, SignerPlace {
  /** What the counter-signer says; there is no content to say anything of (5.2.4). */
  readonly claims?: Omit<SignerClaims, 'mimeType' | 'contentHints'>
}

/**
 * Prepares a signature over the value of another one.
 *
 * @param signature  in its detached form, DER (`openCades`)
 * @throws AdesRefusal `signature-missing`, `signature-unreadable`; else as `prepareCades`
 */
export async function prepareCounterSignature(
  signature: Uint8Array,
  options: PrepareCounterSignatureOptions,
): Promise<PreparedCades> {
  const { signature: value } = signerAt(signature, options)
  return prepareOver(bytesSource(value), options, 'none')
}

function signerAt(signature: Uint8Array, { index = 0 }: SignerPlace): SignerInfo {
  const signerInfo = readable(() => parseSignedData(signature)).signerInfos[index]
  if (signerInfo === undefined) throw new AdesRefusal('signature-missing')
  return signerInfo
}

export interface CompleteCounterSignatureOptions extends Omit<CompleteCadesOptions, 'beside'>, SignerPlace {}

/**
 * The signature with the counter-signature in it.
 *
 * @param signature  that was counter-signed, in its detached form, DER
 * @throws AdesRefusal as `completeCades`, and `content-differs` when another signature was counter-signed
 */
export async function completeCounterSignature(
  signature: Uint8Array,
  prepared: PreparedCades,
  signatureValue: Uint8Array,
  options: CompleteCounterSignatureOptions,
): Promise<Uint8Array> {
  const { digest } = signatureAlgorithms[prepared.signatureAlgorithm]
  const { signature: value } = signerAt(signature, options)
  const same = equal(await options.platform.digest(digest, value), prepared.contentDigest)
  if (!same) throw new AdesRefusal('content-differs')
  const counter = await completeCades(prepared, signatureValue, options)
  return extendSignedData(signature, {
    certificates: [prepared.signingCertificate, ...prepared.chain],
    unsignedAttributes: new Map([[options.index ?? 0, [counterSignature(counter)]]]),
  })
}
