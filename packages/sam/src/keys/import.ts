/**
 * Takes a key from elsewhere into the module (sole-control 11): unwrapped there, tried there, wrapped there; and attested
 * for what it is, for life.
 */
import { ModuleRefusal } from '@natsuin/crypto-module'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { ImportPackage } from '@natsuin/protocol/keys'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { type AttestedKey, type Attester, attest, type KeyOwner } from './attest.ts'
import { LABEL } from './labels.ts'
import { moduleAnswer } from './module-answer.ts'

/** @throws Refusal `key-invalid`, `module-unavailable` */
export async function importAttestedKey(
  sam: Attester,
  owner: KeyOwner,
  credentialClass: CredentialClass,
  content: ImportPackage,
): Promise<AttestedKey> {
  const { pair, master } = await takeIn(sam, content)
  return attest(sam, owner, credentialClass, { pair, master, origin: 'imported' })
}

/**
 * The key under the master key. Nothing of it stays in the module, so a trial is the same without keeping the answer.
 *
 * @throws Refusal `key-invalid` (altered, for another module, or not the private half of its public key),
 *   `module-unavailable`
 */
export function takeIn(
  { module, state }: Pick<Sam, 'module' | 'state'>,
  { keyType: type, wrapped, publicKey: spki }: ImportPackage,
): Promise<Pick<AttestedKey, 'pair' | 'master'>> {
  const { label: master } = state.masterKey
  return moduleAnswer(async () => {
    try {
      return { pair: await module.importWrapped(LABEL.import, master, { type, wrapped, spki }), master }
    } catch (error) {
      const isInvalid = error instanceof ModuleRefusal && error.code === 'wrapped-key-invalid'
      throw isInvalid ? refuse('key-invalid', {}, { cause: error }) : error
    }
  })
}
