export {
  type Curve,
  type DigestAlgorithm,
  type DigestEntry,
  digestAlgorithms,
  digestByOid,
  type KeyType,
  type KeyTypeEntry,
  keyTypes,
  type SignatureAlgorithm,
  type SignatureEntry,
  signatureAlgorithms,
} from './algorithms.ts'
