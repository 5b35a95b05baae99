/**
 * RSA signatures in software, over a digest or over its message.
 *
 * With the message, the platform does all of it, on its thread pool. With the digest alone we pad (EMSA-PSS, or
 * DigestInfo in PKCS #1) and the platform raises to the private exponent: `privateEncrypt`, which has no asynchronous
 * form. Only what was padded here ever reaches it, so that nobody gets the bare RSA operation.
 */
import { constants, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { signatureScheme } from '@natsuin/pki/node'
import { digestInfo } from '../digest-info.ts'
import { encodePss } from '../emsa-pss.ts'
import type { DigestToSign } from '../module.ts'

type RsaSigner = (request: DigestToSign) => Uint8Array | Promise<Uint8Array>

/** `undefined` when the key is of another size. */
export function rsaSigner(modulusBits: number, key: KeyObject): RsaSigner | undefined {
  if (key.asymmetricKeyDetails?.modulusLength !== modulusBits) return undefined
  return request =>
    request.message === undefined
      ? signPadded(key, modulusBits, request)
      : signMessage(key, request.algorithm, request.message)
}

function signPadded(key: KeyObject, modulusBits: number, { algorithm, digest }: DigestToSign): Uint8Array {
  const { family, digest: hash } = signatureAlgorithms[algorithm]
  const isPss = family === 'rsa-pss'
  const padding = isPss ? constants.RSA_NO_PADDING : constants.RSA_PKCS1_PADDING
  const padded = isPss ? encodePss(hash, digest, modulusBits) : digestInfo(algorithm, digest)
  return new Uint8Array(privateEncrypt({ key, padding }, padded))
}

async function signMessage(
  key: KeyObject,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { hash, ...options } = signatureScheme(algorithm)
  return new Uint8Array(await signAsync(hash, message, { key, ...options }))
}

const signAsync = promisify(sign)
