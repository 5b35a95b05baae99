export { sha1IssuerHashes } from './issuer-hashes.ts'
export { digestSync, nodePlatform, verifySync } from './node-platform.ts'
export { nodePasswordPlatform } from './password-platform.ts'
