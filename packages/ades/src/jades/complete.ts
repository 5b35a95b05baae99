/**
 * Second step of a JSON signature: the signature value comes back, is checked, and the signature is written; from there
 * to the higher levels (TS 119 182-1 V1.2.1, 6.3).
 */
import { toBase64url } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import type { BaselineLevel } from '../level.ts'
import { checkSignatureValue } from '../signing/check-signature-value.ts'
import { signingMaterial } from '../signing/signing-material.ts'
import { type AugmentJadesOptions, augmentJades } from './augment.ts'
import { placedBeside } from './beside.ts'
import { writeJws } from './jws.ts'
import type { PreparedJades } from './prepare.ts'
import { signatureOctets } from './signature-octets.ts'

export interface CompleteJadesOptions extends Partial<Omit<AugmentJadesOptions, 'platform'>> {
  readonly platform: Platform
  /**
   * B-B unless said otherwise. A higher level takes what `augmentJades` takes, `at` among it; where that cannot be had, nothing is given
   * out, and a signature that must not be lost then is completed at B-B and augmented when it can.
   */
  readonly level?: BaselineLevel
  /** A signature of the same payload, in any form, beside which this one is placed (general JSON). */
  readonly beside?: string
}

/**
 * The finished signature.
 *
 * @param signatureValue  RSA octets, DER ECDSA-Sig-Value or Ed25519 octets over `prepared.signingInput`
 * @throws RangeError for a level above B-B without `at`
 * @throws AdesRefusal `signature-does-not-verify`; `content-differs` beside another; for a higher level as `augmentJades`
 *   does
 */
export async function completeJades(
  prepared: PreparedJades,
  signatureValue: Uint8Array,
  { level = 'B-B', at, beside, ...options }: CompleteJadesOptions,
): Promise<string> {
  const { signatureAlgorithm, signingInput: data, serialization, payload } = prepared
  const material = signingMaterial({ ...prepared, chain: [] })
  const { certificate } = material
  await checkSignatureValue(signatureValue, { certificate, signatureAlgorithm, data }, options.platform)
  const signature = toBase64url(signatureOctets(signatureValue, material))
  const signed = writeJws({
    serialization,
    ...(payload === undefined ? {} : { payload }),
    signatures: [{ protected: prepared.protectedHeader, signature, etsiU: [] }],
  })
  const raised = level === 'B-B' ? signed : await augmentJades(signed, level, { ...options, at: given(at) })
  return beside === undefined ? raised : placedBeside(beside, raised)
}

/** The library has no clock. */
function given(at: Date | undefined): Date {
  if (at === undefined) throw new RangeError('a level above B-B is reached at a time')
  return at
}
