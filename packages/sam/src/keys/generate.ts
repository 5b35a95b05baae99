/**
 * Generates a signer's key in the module and attests it (sole-control 6 and 11).
 *
 * The key leaves the module wrapped, and the SAM says under its own key whose it is: `authorities` certifies
 * nothing else. What the module says of the key is attested as it was read back.
 */
import { randomBytes } from 'node:crypto'
import type { CryptoModule, WrappedKeyPair } from '@natsuin/crypto-module'
import { toBase64url } from '@natsuin/pki/encoding'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { KeyAttestation } from '@natsuin/protocol/issuance'
import type { Sam } from '../sam.ts'
import { LABEL } from './labels.ts'

export interface KeyOwner {
  readonly signerId: string
  readonly grantId: string
  readonly subject: SubjectAttributes
}

export interface AttestedKey {
  readonly credentialId: string
  readonly pair: WrappedKeyPair
  /** A compact JWS. */
  readonly attestation: string
}

type Attester = Pick<Sam, 'roster' | 'key' | 'time'> & { readonly module: CryptoModule }

export async function generateAttestedKey(
  { roster, module, key, time }: Attester,
  owner: KeyOwner,
  { keyType, level }: CredentialClass,
): Promise<AttestedKey> {
  const pair = await module.generateWrapped(LABEL.master, keyType)
  const credentialId = toBase64url(randomBytes(16))
  const payload: KeyAttestation = {
    v: 1,
    deployment: roster.deployment,
    environment: roster.environment,
    signerId: owner.signerId,
    credentialId,
    subject: owner.subject,
    grantId: owner.grantId,
    level,
    keyType,
    publicKey: pair.spki,
    origin: 'generated',
    local: pair.attributes.local,
    alwaysSensitive: pair.attributes.alwaysSensitive,
    softwareModule: module.description.softwareModule,
    nonce: new Uint8Array(randomBytes(16)),
    issuedAt: time.seconds(),
  }
  return { credentialId, pair, attestation: await key.sign('natsuin-key-attestation', payload) }
}
