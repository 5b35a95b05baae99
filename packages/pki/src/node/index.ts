export { unwrapKey, wrapKey } from './aes-key-wrap.ts'
export { sha1IssuerHashes } from './issuer-hashes.ts'
export { nodeKeyPlatform } from './key-platform.ts'
export {
  forwardTransport,
  type KeyRecipient,
  type OaepDigest,
  partsOfTransport,
  receiveKey,
  sendKey,
} from './key-transport.ts'
export { digestSync, nodePlatform, verifySync } from './node-platform.ts'
export { nodePasswordPlatform } from './password-platform.ts'
export { type SignatureScheme, signatureScheme } from './signature-scheme.ts'
