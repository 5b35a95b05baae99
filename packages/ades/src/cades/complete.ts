/**
 * Second step of a CAdES baseline signature: the signature value comes back and becomes a SignedData, at level B-B, or
 * B-T with a time-stamp over the value (EN 319 122-1 V1.3.1, 5.3 and 6.3).
 *
 * What comes out is checked before it is given out: a value that does not verify, or a token for something else, is
 * refused.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { parseSignedData, withSigner } from '@natsuin/pki/cms'
import type { Platform } from '@natsuin/pki/platform'
import { completeCms } from '../signing/complete-cms.ts'
import { readable } from '../signing/readable.ts'
import type { TimeStampSource } from '../time-stamping/first-time-stamp.ts'
import type { PreparedCades } from './prepare.ts'
import { checkSameContent } from './same-content.ts'

export interface CompleteCadesOptions {
  readonly platform: Platform
  /** Gets a time-stamp over the signature value, for level B-T; `timeStampBy` makes one. */
  readonly timeStamp?: TimeStampSource
  /** A detached signature of others over the same content, DER; this one is put beside theirs. */
  readonly beside?: Uint8Array
}

/**
 * The finished signature without its content: a file of its own beside the content (`.p7s`), or what `attachContent`
 * puts the content into.
 *
 * @param signatureValue  RSA octets, DER ECDSA-Sig-Value or Ed25519 octets over `prepared.signedAttributes`
 * @returns DER ContentInfo with SignedData
 * @throws AdesRefusal `signature-does-not-verify`, `time-stamp-invalid`, and what the time-stamp source refuses with;
 *   `signature-unreadable` and `content-differs` for the one it is put beside
 */
export async function completeCades(
  prepared: PreparedCades,
  signatureValue: Uint8Array,
  options: CompleteCadesOptions,
): Promise<Uint8Array> {
  const signature = await completeCms(prepared, signatureValue, options)
  if (options.beside !== undefined) checkBeside(prepared, options.beside)
  return options.beside === undefined ? signature : withSigner(options.beside, signature)
}

function checkBeside({ signatureAlgorithm, contentDigest }: PreparedCades, beside: Uint8Array): void {
  const { digest } = signatureAlgorithms[signatureAlgorithm]
  const { signerInfos } = readable(() => parseSignedData(beside))
  checkSameContent(signerInfos, new Map([[digest, contentDigest]]))
}
