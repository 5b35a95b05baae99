/** The only place where a signer's key is used: this file alone calls `CryptoModule.signWrapped`. */
import type { CryptoModule } from '@natsuin/crypto-module'
import { moduleAnswer } from '../keys/module-answer.ts'
import type { AuthorisedActivation } from './authorised-activation.ts'

/** Signature values in the order of the representations. @throws Refusal `module-unavailable`, `sad-spent` */
export function signActivation(
  module: CryptoModule,
  activation: AuthorisedActivation,
): Promise<Uint8Array[]> {
  const { key, master, algorithm, representations } = activation.redeem()
  const requests = representations.map(({ dtbsr, dtbs }) => ({
    algorithm,
    digest: dtbsr,
    ...(dtbs !== undefined && { message: dtbs }),
  }))
  return moduleAnswer(() => module.signWrapped(master, key, requests))
}
