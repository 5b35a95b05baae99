/** The door to keys, as its users see it. */
export {
  type CryptoModule,
  type DigestToSign,
  type ModuleDescription,
  ModuleRefusal,
  type ModuleRefusalCode,
  type WrappedKey,
  type WrappedKeyPair,
} from './module.ts'
export {
  createSoftwareModule,
  openSoftwareModule,
  type SoftwareModuleOptions,
} from './software/software-module.ts'
