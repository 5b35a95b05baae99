/** The SignedData of one signer, whose value is checked before anything is done with it: CAdES, and what PAdES embeds. */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { assembleSignedData, signatureTimeStamp } from '@natsuin/pki/cms'
import type { Platform } from '@natsuin/pki/platform'
import type { TimeStampSource } from '../time-stamping/first-time-stamp.ts'
import { timeStampOver } from '../time-stamping/time-stamp-over.ts'
import { checkSignatureValue } from './check-signature-value.ts'
import { type GivenMaterial, signingMaterial } from './signing-material.ts'

export interface PreparedCms extends GivenMaterial {
  /** DER SET OF Attribute. */
  readonly signedAttributes: Uint8Array
}

interface CompleteOptions {
  readonly platform: Platform
  /** Level B-T when given. */
  readonly timeStamp?: TimeStampSource | undefined
}

/**
 * @param signatureValue  over `prepared.signedAttributes`
 * @returns DER ContentInfo
 * @throws AdesRefusal `signature-does-not-verify`, `time-stamp-invalid`, and what the time-stamp source refuses with
 */
export async function completeCms(
  prepared: PreparedCms,
  signatureValue: Uint8Array,
  { platform, timeStamp }: CompleteOptions,
): Promise<Uint8Array> {
  const { signatureAlgorithm, signedAttributes } = prepared
  const { certificate, chain } = signingMaterial(prepared)
  const signedBy = { certificate, signatureAlgorithm, data: signedAttributes }
  await checkSignatureValue(signatureValue, signedBy, platform)
  return assembleSignedData({
    digestAlgorithm: signatureAlgorithms[signatureAlgorithm].digest,
    signatureAlgorithm,
    signedAttributes,
    signature: signatureValue,
    signer: certificate,
    certificates: chain,
    unsignedAttributes: await timeStamps(prepared, signatureValue, { platform, timeStamp }),
  })
}

/** Over the signature value (RFC 3161, Appendix A). */
async function timeStamps(
  { signatureAlgorithm }: PreparedCms,
  signatureValue: Uint8Array,
  { platform, timeStamp }: CompleteOptions,
): Promise<readonly Uint8Array[]> {
  if (timeStamp === undefined) return []
  const { digest: digestAlgorithm } = signatureAlgorithms[signatureAlgorithm]
  const imprint = await platform.digest(digestAlgorithm, signatureValue)
  return [signatureTimeStamp(await timeStampOver({ imprint, digestAlgorithm }, timeStamp))]
}
