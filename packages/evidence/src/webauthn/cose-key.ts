/** COSE keys (RFC 9053, 7.1.1 EC2; RFC 8230, 4 RSA) as DER SubjectPublicKeyInfo: ES256 and RS256, nothing else. */
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { bitString, null_, OID, oid, sequence, unsignedInteger } from '@natsuin/pki/asn1'
import { concat } from '@natsuin/pki/encoding'
import type { Cbor } from './cbor.ts'

interface CoseKey {
  readonly publicKey: Uint8Array
  readonly algorithm: SignatureAlgorithm
}

/** `undefined` for every key that is not exactly one of the two kinds. */
export function readCoseKey(key: Cbor): CoseKey | undefined {
  if (!(key instanceof Map)) return undefined
  return readEs256(key) ?? readRs256(key)
}

const KTY = 1
const ALG = 3
const P256 = '1.2.840.10045.3.1.7'

function readEs256(key: ReadonlyMap<Cbor, Cbor>): CoseKey | undefined {
  const [x, y] = [key.get(-2), key.get(-3)]
  const kind = key.get(KTY) === 2 && key.get(ALG) === -7 && key.get(-1) === 1
  if (!kind || !isBytes(x, 32) || !isBytes(y, 32)) return undefined
  const point = concat(Uint8Array.of(4), x, y)
  return {
    publicKey: sequence(sequence(oid(OID.ecPublicKey), oid(P256)), bitString(point)),
    algorithm: 'ecdsa-sha256',
  }
}

function readRs256(key: ReadonlyMap<Cbor, Cbor>): CoseKey | undefined {
  const [n, e] = [key.get(-1), key.get(-2)]
  const kind = key.get(KTY) === 3 && key.get(ALG) === -257
  if (!kind || !(n instanceof Uint8Array) || !(e instanceof Uint8Array)) return undefined
  const modulus = sequence(unsignedInteger(n), unsignedInteger(e))
  return {
    publicKey: sequence(sequence(oid(OID.rsaEncryption), null_()), bitString(modulus)),
    algorithm: 'rsa-sha256',
  }
}

function isBytes(value: Cbor | undefined, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}
