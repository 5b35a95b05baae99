/**
 * A public key as the numbers that rules judge.
 *
 * `x509/public-key.ts` reads only what may be used; here everything is read that somebody may bring, so that each
 * fault has a reason of its own.
 */
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { readBitString, readUnsignedBytes } from '../asn1/read.ts'
import { toHex } from '../encoding/bytes.ts'
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier.ts'
import { type EcParameters, readEcParameters } from '../x509/ec-parameters.ts'

export type PublicNumbers = RsaNumbers | EcNumbers | { readonly kind: 'ed25519' } | { readonly kind: 'other' }

export interface RsaNumbers {
  readonly kind: 'rsa'
  readonly modulus: bigint
  readonly publicExponent: bigint
}

export interface EcNumbers extends EcParameters {
  readonly kind: 'ec'
  /** SEC 1, 2.3.3. */
  readonly point: Uint8Array
}

/**
 * @param spki  DER SubjectPublicKeyInfo (RFC 5280, 4.1.2.7)
 * @throws DerError
 */
export function readPublicNumbers(spki: Uint8Array): PublicNumbers {
  return readFields(parseDer(spki), 'SubjectPublicKeyInfo', fields => {
    const algorithm = readAlgorithmIdentifier(fields.take('algorithm'))
    const bits = readBitString(fields.take('subjectPublicKey'))
    return READERS[algorithm.oid]?.(algorithm, bits) ?? { kind: 'other' }
  })
}

export const integerOf = (octets: Uint8Array): bigint =>
  octets.length === 0 ? 0n : BigInt(`0x${toHex(octets)}`)

/** Bits of a positive integer. */
export const bitLength = (value: bigint): number => value.toString(2).length

const READERS: Readonly<Record<string, (algorithm: AlgorithmIdentifier, bits: Uint8Array) => PublicNumbers>> =
  {
    [OID.rsaEncryption]: readRsa,
    [OID.ecPublicKey]: readEc,
    [OID.ed25519]: () => ({ kind: 'ed25519' }),
  }

function readRsa(_: AlgorithmIdentifier, bits: Uint8Array): PublicNumbers {
  return readFields(parseDer(bits), 'RSAPublicKey', fields => ({
    kind: 'rsa',
    modulus: integerOf(readUnsignedBytes(fields.take('modulus'))),
    publicExponent: integerOf(readUnsignedBytes(fields.take('publicExponent'))),
  }))
}

function readEc({ parameters }: AlgorithmIdentifier, point: Uint8Array): PublicNumbers {
  return { kind: 'ec', ...readEcParameters(parameters), point }
}
