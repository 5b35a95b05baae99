/**
 * How many bytes the finished signature can have: computed by assembling it with the largest possible values.
 *
 * A guess would be too small one day, after the key was used, or waste space in every document.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { octetString, sequence, unsignedInteger } from '@natsuin/pki/asn1'
import { assembleSignedData, signatureTimeStamp } from '@natsuin/pki/cms'
import type { PublicKey } from '@natsuin/pki/x509'
import type { SigningMaterial } from '../signing/signing-material.ts'

/** Room for a token where whoever prepares cannot ask the authority. */
export const TIME_STAMP_TOKEN_BYTES = 16 * 1024

/**
 * @param signedAttributes     DER, as they will be signed
 * @param timeStampTokenBytes  the largest token to be expected; 0 for a signature without time-stamp
 */
export function maximalSignatureBytes(
  material: SigningMaterial,
  signedAttributes: Uint8Array,
  timeStampTokenBytes: number,
): number {
  const token = octetString(new Uint8Array(timeStampTokenBytes))
  return assembleSignedData({
    digestAlgorithm: signatureAlgorithms[material.signatureAlgorithm].digest,
    signatureAlgorithm: material.signatureAlgorithm,
    signedAttributes,
    signature: maximalSignatureValue(material.certificate.publicKey),
    signer: material.certificate,
    certificates: material.chain,
    unsignedAttributes: timeStampTokenBytes === 0 ? [] : [signatureTimeStamp(token)],
  }).length
}

const CURVE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const

/**
 * RSA: as long as the modulus (RFC 8017, 8.1.1 and 8.2.1). ECDSA: two integers of the curve's size (RFC 3279, 2.2.3).
 * Ed25519: RFC 8032, 5.1.6.
 */
function maximalSignatureValue(key: PublicKey): Uint8Array {
  if (key.kind === 'rsa') return new Uint8Array(Math.ceil(key.modulusBits / 8))
  if (key.kind === 'ed25519') return new Uint8Array(64)
  if (key.kind !== 'ec') throw new RangeError(`no signatures with keys of kind ${key.oid}`)
  const largest = unsignedInteger(new Uint8Array(CURVE_BYTES[key.curve]).fill(0xff))
  return sequence(largest, largest)
}
