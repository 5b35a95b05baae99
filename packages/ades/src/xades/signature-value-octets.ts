/**
 * The signature value as XML carries it: ECDSA as r || s (XMLDSig 1.1, 6.4.3; RFC 9231, 2.3.6), everything else as it
 * is elsewhere.
 */
import { keyTypes, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { Certificate } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'

/**
 * @param value  RSA octets, DER ECDSA-Sig-Value or Ed25519 octets
 * @throws AdesRefusal `signature-does-not-verify` for an ECDSA value that is not one
 */
export function toXmlOctets(
  value: Uint8Array,
  algorithm: SignatureAlgorithm,
  { publicKey }: Certificate,
): Uint8Array {
  if (signatureAlgorithms[algorithm].family !== 'ecdsa' || publicKey.kind !== 'ec') return value
  const pair = parseEcdsaSigValue(value, Math.ceil(keyTypes[publicKey.keyType].bits / 8))
  if (pair === undefined) throw new AdesRefusal('signature-does-not-verify', 'not an ECDSA-Sig-Value')
  return pair
}
