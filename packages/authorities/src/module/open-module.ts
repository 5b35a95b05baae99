/** The crypto module that the configuration names. */
import {
  type CryptoModule,
  createSoftwareModule,
  openPkcs11Module,
  openSoftwareModule,
} from '@natsuin/crypto-module'
import { libraryEnvironment } from '../config/load.ts'
import type { Configuration } from '../config/schema.ts'

/** Opens the module that has the keys. @throws Error naming what is missing */
export function openModule(module: Configuration['module']): Promise<CryptoModule> {
  return 'software' in module ? openSoftwareModule(module.software) : openToken(module.pkcs11)
}

/** For `found` only: makes the key directory of a software module. A token is initialised with its maker's tools. */
export function foundModule(module: Configuration['module']): Promise<CryptoModule> {
  return 'software' in module ? createSoftwareModule(module.software) : openToken(module.pkcs11)
}

type Token = Extract<Configuration['module'], { pkcs11: object }>['pkcs11']

const openToken = (token: Token) => openPkcs11Module({ ...token, environment: libraryEnvironment() })
