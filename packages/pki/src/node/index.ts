export { sha1IssuerHashes } from './issuer-hashes.ts'
export { nodeKeyPlatform } from './key-platform.ts'
export { digestSync, nodePlatform, verifySync } from './node-platform.ts'
export { nodePasswordPlatform } from './password-platform.ts'
