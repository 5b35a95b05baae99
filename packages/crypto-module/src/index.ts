/** The door to keys, as its users see it. */
export { meteredModule, type ObserveModuleCall } from './metered-module.ts'
export {
  type BackedUpKey,
  type CryptoModule,
  type DigestToSign,
  type ImportedCopy,
  type ImportKey,
  type KeyAttributes,
  type KeyCopy,
  type KeyName,
  type KeyToImport,
  type KeyTypeCapability,
  type KeyWitness,
  type ModuleCapabilities,
  type ModuleDescription,
  type ModuleObject,
  ModuleRefusal,
  type ModuleRefusalCode,
  type NamedKey,
  type OaepDigest,
  type SessionKey,
  type WrappedKey,
  type WrappedKeyPair,
} from './module.ts'
export { type Environment, foundModule, type ModuleChoice, openModule } from './open-module.ts'
export { openPkcs11Module, type Pkcs11ModuleOptions } from './pkcs11/pkcs11-module.ts'
export type { ProcessEvent } from './pkcs11/process-keeper.ts'
export { type RecordName, Seal } from './seal.ts'
export {
  createSoftwareModule,
  openSoftwareModule,
  type SoftwareModuleOptions,
} from './software/software-module.ts'
export { type SigningPublicKey, verifyDigest } from './verify-digest.ts'
