/**
 * First step of a JSON signature: the protected header and what the key signs. TS 119 182-1 V1.2.1, 4 and 6.3;
 * RFC 7515, 5.1.
 *
 * Nothing is fetched and the key is not needed; whoever has the signature value calls `completeJades`.
 */
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { concat, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { signingMaterial } from '../signing/signing-material.ts'
import type { JadesContent } from './content.ts'
import type { JadesSerialization } from './jws.ts'
import { detachedReference, isUnencoded } from './sig-d.ts'
import { type SignedWishes, signedHeader } from './signed-header.ts'
import { signedPayload } from './signed-payload.ts'

export interface PrepareJadesOptions extends SignedWishes {
  readonly platform: Digest
  /** DER. */
  readonly signingCertificate: Uint8Array
  /** The other certificates to embed, DER each, from the issuer upwards. */
  readonly chain?: readonly Uint8Array[]
  readonly signatureAlgorithm: SignatureAlgorithm
  /** Flattened JSON unless said otherwise. Compact becomes flattened when a time-stamp is added: it has no room. */
  readonly serialization?: JadesSerialization
}

/** Plain values only: can be stored, cloned or sent (`preparedJadesToJson`). */
export interface PreparedJades {
  readonly serialization: JadesSerialization
  /** The JWS Protected Header, base64url. */
  readonly protectedHeader: string
  /** As it will stand in the signature; absent where the content is detached. */
  readonly payload?: string
  /** The JWS Signing Input: the DTBS. */
  readonly signingInput: Uint8Array
  /** The DTBS/R: digest of `signingInput`, the hash that the key signs. */
  readonly dtbsr: Uint8Array
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingCertificate: Uint8Array
}

/**
 * Prepares a signature by somebody else's key.
 *
 * @throws AdesRefusal `payload-unwritable`, `content-missing`, `content-altered`, `content-ambiguous`
 * @throws DerError, RangeError when certificate and algorithm do not belong together
 */
export async function prepareJades(
  content: JadesContent,
  options: PrepareJadesOptions,
): Promise<PreparedJades> {
  const { signingCertificate, chain = [], signatureAlgorithm, platform } = options
  const { serialization = 'flattened' } = options
  const material = signingMaterial({ signingCertificate, chain, signatureAlgorithm })
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const sigD = await detachedReference(content, digest, platform)
  const header = await signedHeader({ ...options, material, sigD, unencoded: isUnencoded(content) }, platform)
  const protectedHeader = toBase64url(utf8(JSON.stringify(header)))
  const { written, signed } = await signedPayload(content, serialization)
  const signingInput = concat(utf8(`${protectedHeader}.`), signed)
  const dtbsr = await platform.digest(digest, signingInput)
  return {
    serialization,
    protectedHeader,
    ...(written === undefined ? {} : { payload: written }),
    signingInput,
    dtbsr,
    signatureAlgorithm,
    signingCertificate,
  }
}
