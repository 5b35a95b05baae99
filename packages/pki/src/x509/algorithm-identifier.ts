/**
 * AlgorithmIdentifier (RFC 5280, 4.1.1.2) of digests and signatures.
 *
 * Parameters are part of the algorithm: RSA with PKCS#1 v1.5 carries NULL (RFC 5754, 3.2), ECDSA carries none
 * (RFC 5754, 3.3), Ed25519 none (RFC 8410, 3), RSASSA-PSS its digest (pss-parameters.ts), and anything else is not
 * the algorithm; the same with SHA-3 (RFC 9688, 3). Digests are written without parameters and read with or without NULL
 * (RFC 5754, 2).
 */
import {
  type DigestAlgorithm,
  digestAlgorithms,
  digestByOid,
  type SignatureAlgorithm,
  type SignatureFamily,
  signatureAlgorithms,
  signatureByOid,
} from '../algorithms/algorithms.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readFields } from '../asn1/fields.ts'
import { OID } from '../asn1/oid.ts'
import { readOid } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'
import { type Der, null_, oid, sequence } from '../asn1/write.ts'
import { pssParameters, pssWithParameters } from './pss-parameters.ts'

export interface AlgorithmIdentifier {
  readonly oid: string
  /** The parameters as they were, absent when there are none. */
  readonly parameters: DerNode | undefined
}

export function readAlgorithmIdentifier(node: DerNode): AlgorithmIdentifier {
  return readFields(node, 'AlgorithmIdentifier', fields => {
    const identifier = readOid(fields.take('algorithm'))
    return { oid: identifier, parameters: fields.any() }
  })
}

/** The signature algorithm that is named; `undefined` when we do not know it or its parameters are wrong. */
export function readSignatureAlgorithm(node: DerNode): SignatureAlgorithm | undefined {
  const { oid: identifier, parameters } = readAlgorithmIdentifier(node)
  if (identifier === OID.rsassaPss) return parameters && pssWithParameters(parameters.bytes)
  const name = signatureByOid(identifier)
  if (name === undefined) return undefined
  return parameters?.tag === PLAIN_PARAMETERS[signatureAlgorithms[name].family] ? name : undefined
}

/** The digest that is named; `undefined` when we do not know it or its parameters are wrong. */
export function readDigestAlgorithm(node: DerNode): DigestAlgorithm | undefined {
  const { oid: identifier, parameters } = readAlgorithmIdentifier(node)
  const plain = parameters === undefined || parameters.tag === TAG.null
  return plain ? digestByOid(identifier) : undefined
}

export function signatureAlgorithmIdentifier(algorithm: SignatureAlgorithm): Der {
  const { oid: identifier, family, digest } = signatureAlgorithms[algorithm]
  if (family === 'rsa-pss') return sequence(oid(identifier), pssParameters(digest))
  return sequence(oid(identifier), PLAIN_PARAMETERS[family] === TAG.null ? null_() : undefined)
}

export function digestAlgorithmIdentifier(algorithm: DigestAlgorithm): Der {
  return sequence(oid(digestAlgorithms[algorithm].oid))
}

/** The tag of the parameters where they say nothing. */
const PLAIN_PARAMETERS: Readonly<Record<SignatureFamily, number | undefined>> = {
  'rsa-pkcs1': TAG.null,
  // Never plain.
  'rsa-pss': undefined,
  ecdsa: undefined,
  ed25519: undefined,
}
