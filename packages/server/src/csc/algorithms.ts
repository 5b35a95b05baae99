/**
 * Signature algorithms as CSC names them: by OID, with the digest fixed by the OID or named beside it
 * (CSC API v2.0.0.2, 11.10).
 */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  digestByOid,
  type KeyType,
  type KeyTypeEntry,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
  signatureByOid,
  signatureOf,
} from '@natsuin/pki/algorithms'
import { RequestRefused } from './errors.ts'
import { optionalText, type Parameters } from './parameters.ts'

/** OIDs that name a family and leave the digest to `hashAlgorithmOID`: RFC 8017, A.1; RFC 5480, 2.1.1. */
const FAMILY_OIDS: Readonly<Record<KeyTypeEntry['family'], string>> = {
  'rsa-pkcs1': '1.2.840.113549.1.1.1',
  ecdsa: '1.2.840.10045.2.1',
}

export interface ChosenAlgorithm {
  readonly digestAlgorithm: DigestAlgorithm
  readonly signatureAlgorithm: SignatureAlgorithm
}

/** `key/algo` of a credential: the recommended one first, the family's own OID last. */
export function algorithmOids(keyType: KeyType): string[] {
  const { signs, family } = keyTypes[keyType]
  return [...signs.map(name => signatureAlgorithms[name].oid), FAMILY_OIDS[family]]
}

/** `signAlgorithms/algos`: what some credential here may sign with. */
export function allAlgorithmOids(): string[] {
  // Object.keys forgets the names of a Record that is exhaustive by construction.
  const all = (Object.keys(keyTypes) as KeyType[]).flatMap(algorithmOids)
  return [...new Set(all)]
}

/**
 * What `signAlgo` and `hashAlgorithmOID` choose for this key.
 *
 * A redundant `hashAlgorithmOID` is ignored; one that contradicts `signAlgo` is refused, because the client and
 * the key would mean different digests (threats.md, G6).
 */
export function chooseAlgorithm(keyType: KeyType, parameters: Parameters): ChosenAlgorithm {
  const signAlgo = optionalText(parameters, 'signAlgo', 'sign-algo-missing')
  if (signAlgo === undefined) throw new RequestRefused('sign-algo-missing')
  const named = optionalText(parameters, 'hashAlgorithmOID', 'hash-algorithm-invalid')
  const { family, signs } = keyTypes[keyType]
  const chosen = signAlgo === FAMILY_OIDS[family] ? byDigest(family, named) : bySignature(signAlgo, named)
  if (!signs.includes(chosen.signatureAlgorithm)) throw new RequestRefused('sign-algo-invalid')
  return chosen
}

function byDigest(family: KeyTypeEntry['family'], named: string | undefined): ChosenAlgorithm {
  if (named === undefined) throw new RequestRefused('hash-algorithm-missing')
  const digestAlgorithm = digestByOid(named)
  if (digestAlgorithm === undefined) throw new RequestRefused('hash-algorithm-invalid')
  const signatureAlgorithm = signatureOf(family, digestAlgorithm)
  if (signatureAlgorithm === undefined) throw new RequestRefused('hash-algorithm-invalid')
  return { digestAlgorithm, signatureAlgorithm }
}

function bySignature(signAlgo: string, named: string | undefined): ChosenAlgorithm {
  const signatureAlgorithm = signatureByOid(signAlgo)
  if (signatureAlgorithm === undefined) throw new RequestRefused('sign-algo-invalid')
  const digestAlgorithm = signatureAlgorithms[signatureAlgorithm].digest
  if (named !== undefined && named !== digestAlgorithms[digestAlgorithm].oid) {
    throw new RequestRefused('hash-algorithm-invalid')
  }
  return { digestAlgorithm, signatureAlgorithm }
}
