/**
 * Second step of a XAdES baseline signature: the signature value comes back and goes into its place. Level B-B, B-T with
 * a time-stamp, and from there to the lasting levels (EN 319 132-1 V1.3.1, 6.3).
 *
 * What comes out is checked before it is given out: a value that does not verify is refused, and nothing is signed.
 */
import { join, toBase64, utf8 } from '@natsuin/pki/encoding'
import type { Platform } from '@natsuin/pki/platform'
import { checkSignatureValue } from '../signing/check-signature-value.ts'
import { signingMaterial } from '../signing/signing-material.ts'
import type { TimeStampSource } from '../time-stamping/first-time-stamp.ts'
import { elementsOf } from '../xml/node.ts'
import { parseXmlText } from '../xml/parse.ts'
import { type AugmentXadesOptions, augmentXades } from './augment.ts'
import { withChild } from './insertion.ts'
import type { Markup } from './markup.ts'
import type { PreparedXades } from './prepare.ts'
import { toXmlOctets } from './signature-value-octets.ts'

/** What it takes to complete a signature straight to a lasting level. */
export interface LastingXadesOptions
  extends Omit<AugmentXadesOptions, 'platform' | 'timeStamp' | 'signatureId'> {
  readonly level: 'B-LT' | 'B-LTA'
}

export interface CompleteXadesOptions {
  readonly platform: Platform
  /** Gets a time-stamp, for level B-T and above; without it the signature is at level B-B. */
  readonly timeStamp?: TimeStampSource
  /**
   * Completes straight to level B-LT or B-LTA. Where its data cannot be had, nothing is given out; a signature that
   * must not be lost then is completed without it, and augmented when the data can be had.
   */
  readonly lasting?: LastingXadesOptions
}

/**
 * The signed document: the enveloping one, or a signature on its own.
 *
 * @param signatureValue  RSA octets, DER ECDSA-Sig-Value over `prepared.dtbsr`, or Ed25519 octets over
 *   `prepared.signedInfo`
 * @throws AdesRefusal `signature-does-not-verify`; with a time-stamp or `lasting`, as `augmentXades` does
 */
export async function completeXades(
  prepared: PreparedXades,
  signatureValue: Uint8Array,
  { platform, timeStamp, lasting }: CompleteXadesOptions,
): Promise<Uint8Array> {
  const { signatureAlgorithm, signedInfo: data, signatureId } = prepared
  const { certificate } = signingMaterial(prepared)
  await checkSignatureValue(signatureValue, { certificate, signatureAlgorithm, data }, platform)
  const value = toXmlOctets(signatureValue, signatureAlgorithm, certificate)
  const signed = join([prepared.before, utf8(withValue(prepared.signature, value)), prepared.after])
  if (lasting !== undefined) {
    const { level, ...options } = lasting
    return augmentXades(signed, level, { ...options, platform, signatureId, ...(timeStamp && { timeStamp }) })
  }
  if (timeStamp === undefined) return signed
  // At which time certificates are valid does not matter below B-LT.
  return augmentXades(signed, 'B-T', { platform, timeStamp, at: new Date(0), signatureId })
}

function withValue(signature: string, value: Uint8Array): string {
  const { root } = parseXmlText(signature)
  const place = elementsOf(root).find(({ localName }) => localName === 'SignatureValue')
  if (place === undefined) throw new RangeError('a prepared signature: ds:SignatureValue was expected')
  return withChild(signature, place, toBase64(value) as Markup)
}
