/** Ids, and names of algorithms as messages spell them: the keys of the one algorithm table in `pki`. */
import {
  type DigestAlgorithm,
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '@natsuin/pki/algorithms'
import { oneOf, type Shape, text } from '../shape/shape.ts'

/** What ids of people, credentials, clients, classes and processes are written in. */
export const identifier = text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/ })

// Object.keys forgets that the keys of a Record<Name, …> are Names; the tables are complete by their types.
export const keyTypeName: Shape<KeyType> = oneOf(...(Object.keys(keyTypes) as KeyType[]))
const SIGNS = new Set(Object.values(keyTypes).flatMap(({ signs }) => signs))
/** Those that keys of a deployment sign with; nothing else is ever approved. */
export const signatureName: Shape<SignatureAlgorithm> = oneOf(...SIGNS)
export const digestName: Shape<DigestAlgorithm> = oneOf(
  ...new Set([...SIGNS].map(name => signatureAlgorithms[name].digest)),
)
