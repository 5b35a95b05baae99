/**
 * Signature algorithms as CSC names them: by OID, with the digest fixed by the OID, by its parameters, or named
 * beside it (CSC API v2.0.0.2, 11.10).
 */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  digestByOid,
  type KeyFamily,
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithms,
  signatureByOid,
  signatureOf,
} from '@natsuin/pki/algorithms'
import { OID } from '@natsuin/pki/asn1'
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { pssParameters, pssWithParameters } from '@natsuin/pki/x509'
import { RequestRefused } from './errors.ts'

/**
 * OIDs that name a key and leave the digest to `hashAlgorithmOID`: RFC 8017, A.1; RFC 5480, 2.1.1. Each means one
 * scheme. Ed25519 has none.
 */
const BARE_OIDS: Readonly<Record<KeyFamily, { oid: string; scheme: SignatureFamily } | undefined>> = {
  rsa: { oid: OID.rsaEncryption, scheme: 'rsa-pkcs1' },
  ec: { oid: OID.ecPublicKey, scheme: 'ecdsa' },
  ed25519: undefined,
}

export interface AskedAlgorithm {
  readonly signAlgo: string
  /** Base64 of DER. */
  readonly signAlgoParams?: string
  readonly hashAlgorithmOID?: string
}

export interface ChosenAlgorithm {
  readonly digestAlgorithm: DigestAlgorithm
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** What keys of a type sign with here. */
export type Signs = readonly SignatureAlgorithm[]

/** `key/algo` of a credential: the recommended one first, the bare OID of its key last. */
export function algorithmOids(keyType: KeyType, signs: Signs): string[] {
  const named = signs.map(name => signatureAlgorithms[name].oid)
  return [...new Set([...named, ...bareOids(keyTypes[keyType].family, signs)])]
}

/**
 * `signAlgorithms`: what some credential here may sign with. `algoParams` belong to the algorithm in their place:
 * RSASSA-PSS is there once for each digest.
 */
export function allAlgorithms(signsOf: ReadonlyMap<KeyType, Signs>): {
  algos: string[]
  algoParams: (string | null)[]
} {
  const families = Map.groupBy(signsOf, ([type]) => keyTypes[type].family)
  const all = [...families].flatMap(([family, types]) => {
    const signs = [...new Set(types.flatMap(([, some]) => some))]
    return [...signs, ...bareOids(family, signs)]
  })
  return { algos: all.map(oidOf), algoParams: all.map(parametersOf) }
}

/** Where the scheme that it means is among them. */
function bareOids(family: KeyFamily, signs: Signs): string[] {
  const bare = BARE_OIDS[family]
  if (bare === undefined) return []
  return signs.some(name => signatureAlgorithms[name].family === bare.scheme) ? [bare.oid] : []
}

const isNamed = (one: string): one is SignatureAlgorithm => Object.hasOwn(signatureAlgorithms, one)

const oidOf = (one: string): string => (isNamed(one) ? signatureAlgorithms[one].oid : one)

function parametersOf(one: string): string | null {
  if (!isNamed(one) || signatureAlgorithms[one].family !== 'rsa-pss') return null
  return toBase64(pssParameters(signatureAlgorithms[one].digest))
}

/**
 * What `signAlgo`, `signAlgoParams` and `hashAlgorithmOID` choose for this key.
 *
 * A redundant `hashAlgorithmOID` is ignored; one that contradicts `signAlgo` is refused, because the client and
 * the key would mean different digests (threats.md, G6).
 */
export function chooseAlgorithm(keyType: KeyType, signs: Signs, asked: AskedAlgorithm): ChosenAlgorithm {
  const { signAlgo, signAlgoParams, hashAlgorithmOID: named } = asked
  const bare = BARE_OIDS[keyTypes[keyType].family]
  const chosen =
    signAlgo === bare?.oid
      ? byDigest(bare.scheme, named)
      : bySignature(signatureNamed(signAlgo, signAlgoParams), named)
  if (!signs.includes(chosen.signatureAlgorithm)) throw new RequestRefused('sign-algo-invalid')
  return chosen
}

function byDigest(scheme: SignatureFamily, named: string | undefined): ChosenAlgorithm {
  if (named === undefined) throw new RequestRefused('hash-algorithm-missing')
  const digestAlgorithm = digestByOid(named)
  if (digestAlgorithm === undefined) throw new RequestRefused('hash-algorithm-invalid')
  const signatureAlgorithm = signatureOf(scheme, digestAlgorithm)
  if (signatureAlgorithm === undefined) throw new RequestRefused('hash-algorithm-invalid')
  return { digestAlgorithm, signatureAlgorithm }
}

function signatureNamed(signAlgo: string, parameters: string | undefined): SignatureAlgorithm {
  const signatureAlgorithm = signAlgo === OID.rsassaPss ? pssNamed(parameters) : signatureByOid(signAlgo)
  if (signatureAlgorithm === undefined) throw new RequestRefused('sign-algo-invalid')
  return signatureAlgorithm
}

function pssNamed(given: string | undefined): SignatureAlgorithm | undefined {
  if (given === undefined) throw new RequestRefused('sign-algo-params-missing')
  const der = fromBase64(given)
  const named = der && pssWithParameters(withoutTrailer(der))
  if (named === undefined) throw new RequestRefused('sign-algo-params-invalid')
  return named
}

/**
 * Deployed clients spell out the default of the trailer field, which DER leaves out (RFC 4055, 3.1): the last five
 * octets of the SEQUENCE.
 */
function withoutTrailer(der: Uint8Array): Uint8Array {
  const at = der.length - DEFAULT_TRAILER.length
  const hasTrailer = at > 2 && DEFAULT_TRAILER.every((byte, i) => der[at + i] === byte)
  if (!hasTrailer || der[1] !== der.length - 2) return der
  const shorter = der.slice(0, at)
  shorter[1] = at - 2
  return shorter
}

const DEFAULT_TRAILER = [0xa3, 0x03, 0x02, 0x01, 0x01]

function bySignature(signatureAlgorithm: SignatureAlgorithm, named: string | undefined): ChosenAlgorithm {
  const digestAlgorithm = signatureAlgorithms[signatureAlgorithm].digest
  if (named !== undefined && named !== digestAlgorithms[digestAlgorithm].oid) {
    throw new RequestRefused('hash-algorithm-invalid')
  }
  return { digestAlgorithm, signatureAlgorithm }
}
