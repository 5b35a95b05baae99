/**
 * A private key of the software module, held for as long as it signs.
 *
 * The bytes are PKCS #8 as node exports it. EC keys become the secret integer at once (sign-ecdsa.ts), RSA keys a
 * KeyObject. What can be overwritten is; what JavaScript copies (integers, KeyObjects) is left to the collector.
 */
import { constants, createPrivateKey, generateKeyPair, type KeyObject, privateEncrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { type Curve, type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { buildEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { integerOf } from '../curve-order.ts'
import { digestInfo } from '../digest-info.ts'
import type { DigestToSign } from '../module.ts'
import { ecSecretOctets } from './ec-private-key-info.ts'
import { signEcdsa } from './sign-ecdsa.ts'

/** Signs one checked digest (check-digest.ts); DER ECDSA-Sig-Value or RSA octets. */
export type DigestSigner = (request: DigestToSign) => Uint8Array<ArrayBuffer>

/** A fresh key pair: PKCS #8 and SubjectPublicKeyInfo, both DER. RSA keys are made on the thread pool. */
export async function generateKeyPairDer(type: KeyType): Promise<{ pkcs8: Uint8Array; spki: Uint8Array }> {
  const { publicKey, privateKey } = await generateByType(type)
  return {
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }),
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  }
}

/** What signs with this PKCS #8 key; `undefined` when the bytes are not a key of that type. */
export function digestSigner(type: KeyType, pkcs8: Uint8Array): DigestSigner | undefined {
  const { curve } = keyTypes[type]
  return curve === undefined ? rsaSigner(type, pkcs8) : ecdsaSigner(curve, pkcs8)
}

const generate = promisify(generateKeyPair)

function generateByType(type: KeyType): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  const { curve, bits } = keyTypes[type]
  return curve === undefined
    ? generate('rsa', { modulusLength: bits, publicExponent: 0x10001 })
    : generate('ec', { namedCurve: curve })
}

function ecdsaSigner(curve: Curve, pkcs8: Uint8Array): DigestSigner | undefined {
  const octets = ecSecretOctets(curve, pkcs8)
  if (octets === undefined) return undefined
  const secret = { curve, scalar: integerOf(octets) }
  return ({ digest }) => buildEcdsaSigValue(signEcdsa(secret, digest))
}

function rsaSigner(type: KeyType, pkcs8: Uint8Array): DigestSigner | undefined {
  const key = parsePrivateKey(pkcs8)
  const fits =
    key?.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails?.modulusLength === keyTypes[type].bits
  if (key === undefined || !fits) return undefined
  // For RSA, `privateEncrypt` is the private key operation over the padded input: with PKCS #1 padding and a
  // DigestInfo it is RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.1). Node has no asynchronous form of it.
  return ({ algorithm, digest }) =>
    new Uint8Array(
      privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(algorithm, digest)),
    )
}

function parsePrivateKey(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}
