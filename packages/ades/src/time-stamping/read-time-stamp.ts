/** What a time-stamp says to whoever augments a signature: who made it, when, and what it brings. */
import { DerError, OID } from '@natsuin/pki/asn1'
import { certificateOfSigner, parseSignedData, type SignedData } from '@natsuin/pki/cms'
import { parseTstInfo } from '@natsuin/pki/tsp'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'

export interface TimeStamp {
  readonly unit: Certificate
  readonly generatedAt: Date
  /** Those it brings, DER each. */
  readonly certificates: readonly Uint8Array[]
}

/**
 * @param token  DER TimeStampToken
 * @throws DerError when it is not one
 * @throws AdesRefusal `signature-unreadable` when it lacks its own certificate
 */
export function readTimeStamp(token: Uint8Array): TimeStamp {
  const signedData = parseSignedData(token)
  const { contentType, content, certificates } = signedData
  if (contentType !== OID.tstInfo || content === undefined) throw new DerError('value-not-allowed', 'TSTInfo')
  return { unit: onlySignerOf(signedData), generatedAt: parseTstInfo(content).genTime, certificates }
}

/** The certificate of the only signer. */
export function onlySignerOf(signedData: SignedData): Certificate {
  const [signerInfo, ...others] = signedData.signerInfos
  if (signerInfo === undefined || others.length > 0) throw new DerError('value-not-allowed', 'signerInfos')
  const certificate = certificateOfSigner(signedData, signerInfo)
  if (certificate === undefined) throw new AdesRefusal('signature-unreadable', 'its certificate is missing')
  return certificate
}
