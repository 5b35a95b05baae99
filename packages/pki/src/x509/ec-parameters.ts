/** ECParameters (RFC 5480, 2.1.1): which curve a key says it is on. */
import { type Curve, keyTypes } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import type { DerNode } from '../asn1/der-node.ts'
import { readOid } from '../asn1/read.ts'
import { TAG } from '../asn1/tags.ts'

export interface EcParameters {
  /** `named` is one of ours, `unknown` another name, `explicit` parameters that are spelled out. */
  readonly parameters: 'named' | 'unknown' | 'explicit'
  /** Of ours. */
  readonly curve: Curve | undefined
}

/** @throws DerError when there are none */
export function readEcParameters(node: DerNode | undefined): EcParameters {
  if (node === undefined) throw new DerError('missing-field', 'ECParameters')
  if (node.tag !== TAG.oid) return { parameters: 'explicit', curve: undefined }
  const named = readOid(node)
  const curve = Object.values(keyTypes).find(({ curveOid }) => curveOid === named)?.curve
  return { parameters: curve === undefined ? 'unknown' : 'named', curve }
}
