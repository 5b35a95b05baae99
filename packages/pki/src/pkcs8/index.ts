export { buildEcPrivateKeyInfo, buildEd25519PrivateKeyInfo, buildRsaPrivateKeyInfo } from './build.ts'
export { openEncryptedKey } from './open.ts'
export {
  type EcPrivateKey,
  type Ed25519PrivateKey,
  type OtherPrivateKey,
  type PrivateKey,
  type RsaPrivateKey,
  readPrivateKey,
} from './private-key.ts'
export { type PrivateKeyInfo, parsePrivateKeyInfo } from './private-key-info.ts'
