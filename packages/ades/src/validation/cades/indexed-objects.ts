/**
 * What the hash index of an archive time-stamp protects: EN 319 122-1 V1.3.1, 5.5.2.
 *
 * An index that names something that is not there is invalid; what is there and not named is not protected.
 */
import { DerError } from '@natsuin/pki/asn1'
import {
  type HashIndex,
  type HashIndexInput,
  hashIndexInput,
  ocspResponsesIn,
  parseSignedData,
  type SignedData,
  type SignerInfo,
} from '@natsuin/pki/cms'
import { toHex } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import type { StoredData } from '../stored-data.ts'

export interface ProtectedObjects extends HashIndexInput {
  readonly data: StoredData
}

/** @returns `undefined` for an index that is invalid */
export async function protectedObjects(
  { digestAlgorithm, digests }: HashIndex,
  signedData: SignedData,
  signerInfo: SignerInfo,
  platform: Digest,
): Promise<ProtectedObjects | undefined> {
  if (digestAlgorithm === undefined) return undefined
  const present = hashIndexInput(signedData, signerInfo)
  const named = async (part: keyof HashIndexInput) => {
    const left = new Set(digests[part].map(toHex))
    const found: Uint8Array[] = []
    for (const encoding of present[part])
      if (left.delete(toHex(await platform.digest(digestAlgorithm, encoding)))) found.push(encoding)
    return left.size === 0 ? found : undefined
  }
  const certificates = await named('certificates')
  const revocationInfos = await named('revocationInfos')
  const attributeValues = await named('attributeValues')
  if (!certificates || !revocationInfos || !attributeValues) return undefined
  const within = { ...signedData, certificateChoices: certificates, revocationInfoChoices: revocationInfos }
  return { certificates, revocationInfos, attributeValues, data: dataIn(within) }
}

/** What the SignedData brings, whatever protects it. */
export function dataIn(signedData: SignedData): StoredData {
  const plain = (encodings: readonly Uint8Array[]) => encodings.filter(([tag]) => tag === SEQUENCE)
  return {
    certificates: plain(signedData.certificateChoices),
    ocspResponses: ocspResponsesIn(signedData),
    crls: plain(signedData.revocationInfoChoices),
  }
}

/** X.509 certificates and CRLs are the choices without a tag of their own (RFC 5652, 10.2.1 and 10.2.2). */
const SEQUENCE = 0x30

/** The certificates in time-stamps, DER each; none from what is no time-stamp. */
export function certificatesInTokens(tokens: readonly Uint8Array[]): readonly Uint8Array[] {
  return tokens.flatMap(token => {
    try {
      return parseSignedData(token).certificates
    } catch (error) {
      if (error instanceof DerError) return []
      throw error
    }
  })
}
