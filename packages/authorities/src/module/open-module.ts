/** The crypto module that the configuration names. */
import {
  type CryptoModule,
  createSoftwareModule,
  openPkcs11Module,
  openSoftwareModule,
} from '@natsuin/crypto-module'
import type { Configuration } from '../config/schema.ts'

/** Opens the module that has the keys. @throws Error naming what is missing */
export function openModule(module: Configuration['module']): Promise<CryptoModule> {
  return 'software' in module ? openSoftwareModule(module.software) : openPkcs11Module(module.pkcs11)
}

/** For `found` only: makes the key directory of a software module. A token is initialised with its maker's tools. */
export function foundModule(module: Configuration['module']): Promise<CryptoModule> {
  return 'software' in module ? createSoftwareModule(module.software) : openPkcs11Module(module.pkcs11)
}
