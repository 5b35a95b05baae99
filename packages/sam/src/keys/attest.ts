/** The SAM's word that it holds a key, and for whom: a compact JWS that `authorities` and verifiers read. */
import { randomBytes } from 'node:crypto'
import type { WrappedKeyPair } from '@natsuin/crypto-module'
import { toBase64url } from '@natsuin/pki/encoding'
import type { SubjectAttributes } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { KeyAttestation } from '@natsuin/protocol/issuance'
import type { Sam } from '../sam.ts'

export interface KeyOwner {
  readonly signerId: string
  readonly grantId: string
  readonly subject: SubjectAttributes
}

export interface AttestedKey {
  readonly credentialId: string
  readonly pair: WrappedKeyPair
  /** Label of the master key that it is under. */
  readonly master: string
  /** A compact JWS. */
  readonly attestation: string
}

export type Attester = Pick<Sam, 'roster' | 'key' | 'time' | 'module' | 'state'>

/** What the module said of the key is attested as it said it. @throws Refusal `module-unavailable` */
export async function attest(
  { roster, module, key, time }: Attester,
  owner: KeyOwner,
  { level }: Pick<CredentialClass, 'level'>,
  { pair, master, origin }: Pick<AttestedKey, 'pair' | 'master'> & Pick<KeyAttestation, 'origin'>,
): Promise<AttestedKey> {
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
    keyType: pair.type,
    publicKey: pair.spki,
    origin,
    local: pair.attributes.local,
    alwaysSensitive: pair.attributes.alwaysSensitive,
    softwareModule: module.description.softwareModule,
    nonce: new Uint8Array(randomBytes(16)),
    issuedAt: time.seconds(),
  }
  return { credentialId, pair, master, attestation: await key.sign('natsuin-key-attestation', payload) }
}
