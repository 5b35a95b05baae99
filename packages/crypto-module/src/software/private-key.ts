/**
 * A private key of the software module, held for as long as it signs.
 *
 * The bytes are PKCS #8 as node exports it. What can be overwritten is; what JavaScript copies (integers, KeyObjects)
 * is left to the collector.
 */
import { createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { type KeyFamily, type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { signatureScheme } from '@natsuin/pki/node'
import type { DigestToSign } from '../module.ts'
import { ecdsaSigner } from './sign-ecdsa.ts'
import { rsaSigner } from './sign-rsa.ts'

/** Signs one checked digest (check-digest.ts); DER ECDSA-Sig-Value, RSA or Ed25519 octets. */
export type DigestSigner = (request: DigestToSign) => Uint8Array | Promise<Uint8Array>

/** A fresh key pair: PKCS #8 and SubjectPublicKeyInfo, both DER. RSA keys are made on the thread pool. */
export async function generateKeyPairDer(type: KeyType): Promise<{ pkcs8: Uint8Array; spki: Uint8Array }> {
  const { publicKey, privateKey } = await GENERATORS[keyTypes[type].family](type)
  return {
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }),
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  }
}

/** What signs with this PKCS #8 key; `undefined` when the bytes are not a key of that type. */
export function digestSigner(type: KeyType, pkcs8: Uint8Array): DigestSigner | undefined {
  const { curve, family } = keyTypes[type]
  if (curve !== undefined) return ecdsaSigner(curve, pkcs8)
  const key = parsePrivateKey(pkcs8)
  if (key === undefined || key.asymmetricKeyType !== family) return undefined
  return family === 'rsa' ? rsaSigner(keyTypes[type].bits, key) : ed25519Signer(key)
}

const generate = promisify(generateKeyPair)

type KeyPair = Promise<{ publicKey: KeyObject; privateKey: KeyObject }>

const GENERATORS: Readonly<Record<KeyFamily, (type: KeyType) => KeyPair>> = {
  ec: type => generate('ec', { namedCurve: keyTypes[type].curve ?? '' }),
  rsa: type => generate('rsa', { modulusLength: keyTypes[type].bits, publicExponent: 0x10001 }),
  ed25519: () => generate('ed25519'),
}

/** The checked request has the message: checkDigest demands it. */
function ed25519Signer(key: KeyObject): DigestSigner {
  const { hash } = signatureScheme('ed25519')
  return ({ message = new Uint8Array() }) => new Uint8Array(sign(hash, message, key))
}

function parsePrivateKey(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}
