/**
 * The signature value as JSON signatures carry it (RFC 7518, 3.4): of ECDSA r and s behind one another, where keys and
 * CMS have DER.
 */
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import type { PublicKey } from '@natsuin/pki/x509'
import { AdesRefusal } from '../refusal.ts'
import type { SigningMaterial } from '../signing/signing-material.ts'

const COORDINATE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const

/**
 * @param value  RSA octets, DER ECDSA-Sig-Value or Ed25519 octets
 * @throws AdesRefusal `signature-does-not-verify`
 */
export function signatureOctets(value: Uint8Array, material: SigningMaterial): Uint8Array {
  if (signatureAlgorithms[material.signatureAlgorithm].family !== 'ecdsa') return value
  const pair = parseEcdsaSigValue(value, coordinateBytes(material.certificate.publicKey))
  if (pair === undefined) throw new AdesRefusal('signature-does-not-verify')
  return pair
}

function coordinateBytes(key: PublicKey): number {
  return key.kind === 'ec' ? COORDINATE_BYTES[key.curve] : 0
}
