/**
 * Generates a signer's key in the module and attests it (sole-control 6 and 11).
 *
 * The key leaves the module wrapped, and the SAM says under its own key whose it is: `authorities` certifies
 * nothing else.
 */
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { type AttestedKey, type Attester, attest, type KeyOwner } from './attest.ts'
import { moduleAnswer } from './module-answer.ts'

/** @throws Refusal `module-unavailable` */
export async function generateAttestedKey(
  sam: Attester,
  owner: KeyOwner,
  credentialClass: CredentialClass,
): Promise<AttestedKey> {
  const { label: master } = sam.state.masterKey
  const pair = await moduleAnswer(() => sam.module.generateWrapped(master, credentialClass.keyType))
  return attest(sam, owner, credentialClass, { pair, master, origin: 'generated' })
}
