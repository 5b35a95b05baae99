/** Signatures in attestation statements: by COSE algorithm (RFC 9053, 2.1; RFC 8812, 2). No SHA-1. */
import { type DigestAlgorithm, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { verifySync } from '@natsuin/pki/node'
import type { Cbor } from '../cbor.ts'
import { notAttested } from './attested.ts'

const ALGORITHMS: ReadonlyMap<Cbor | undefined, SignatureAlgorithm> = new Map<Cbor, SignatureAlgorithm>([
  [-7, 'ecdsa-sha256'],
  [-35, 'ecdsa-sha384'],
  [-36, 'ecdsa-sha512'],
  [-257, 'rsa-sha256'],
  [-258, 'rsa-sha384'],
  [-259, 'rsa-sha512'],
])

export interface StatementSignature {
  readonly algorithm: SignatureAlgorithm
  readonly digest: DigestAlgorithm
}

/** @throws Refusal `authenticator-not-attested` */
export function algorithmOf(alg: Cbor | undefined): StatementSignature {
  const algorithm = ALGORITHMS.get(alg)
  if (algorithm === undefined) throw notAttested('algorithm')
  return { algorithm, digest: signatureAlgorithms[algorithm].digest }
}

interface Signed {
  readonly algorithm: SignatureAlgorithm
  readonly spki: Uint8Array
  readonly data: Uint8Array
  readonly signature: Uint8Array
}

/** @throws Refusal `authenticator-not-attested` */
export function checkStatementSignature(signed: Signed): void {
  if (!verifySync(signed)) throw notAttested('signature')
}
