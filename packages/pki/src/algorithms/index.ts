export {
  type Curve,
  type DigestAlgorithm,
  type DigestEntry,
  digestAlgorithms,
  digestByOid,
  isSha2,
  type KeyFamily,
  type KeyType,
  type KeyTypeEntry,
  keyTypes,
  type Sha2Algorithm,
  type Sha3Algorithm,
  type SignatureAlgorithm,
  type SignatureEntry,
  type SignatureFamily,
  signatureAlgorithms,
  signatureByOid,
  signatureOf,
  signsMessages,
} from './algorithms.ts'
export { type JoseAlgorithm, joseAlgorithm, joseDigest, joseDigestName, joseNameOf } from './jose.ts'
export { digestByUri, signatureByUri, uriOfDigest, uriOfSignature } from './xml-uris.ts'
