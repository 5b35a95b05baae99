/** The module that a configuration names: one way to open either kind. */
import type { CryptoModule } from './module.ts'
import { openPkcs11Module, type Pkcs11ModuleOptions } from './pkcs11/pkcs11-module.ts'
import type { ProcessEvent } from './pkcs11/process-keeper.ts'
import {
  createSoftwareModule,
  openSoftwareModule,
  type SoftwareModuleOptions,
} from './software/software-module.ts'

export type ModuleChoice =
  | { readonly software: SoftwareModuleOptions }
  | { readonly pkcs11: Omit<Pkcs11ModuleOptions, 'environment' | 'onProcess'> }

/** The variables of the calling process. Makers' libraries find their tokens by variables of their own. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Opens the module that has the keys.
 *
 * @param onProcess told of what happens to a token and the processes of its library
 * @throws Error naming what is missing
 */
export function openModule(
  choice: ModuleChoice,
  environment: Environment,
  onProcess: (event: ProcessEvent) => void = () => {},
): Promise<CryptoModule> {
  if ('software' in choice) return openSoftwareModule(choice.software)
  return openToken({ ...choice.pkcs11, onProcess }, environment)
}

/**
 * For the founding of a deployment only: makes the key directory of a software module. A token is initialised
 * with its maker's tools, and opened here.
 * @throws Error naming what is missing, or that a key directory is there already
 */
export function foundModule(choice: ModuleChoice, environment: Environment): Promise<CryptoModule> {
  return 'software' in choice ? createSoftwareModule(choice.software) : openToken(choice.pkcs11, environment)
}

function openToken(
  token: Omit<Pkcs11ModuleOptions, 'environment'>,
  given: Environment,
): Promise<CryptoModule> {
  const variables = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return openPkcs11Module({ ...token, environment: Object.fromEntries(variables) })
}
