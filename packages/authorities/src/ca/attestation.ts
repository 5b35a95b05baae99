/**
 * The one ground for a certificate: a key attestation by the pinned SAM key (sole control, 6).
 *
 * What is checked here is all that is believed; what `server` says beside it does not exist. The checks are a
 * list, in order, each with the code it refuses with.
 */

import { DerError } from '@natsuin/pki/asn1'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodeKeyPlatform, nodePlatform } from '@natsuin/pki/node'
import { weaknessOfPublicKey } from '@natsuin/pki/weak-keys'
import { readPublicKey } from '@natsuin/pki/x509'
import { verifyJws } from '@natsuin/protocol/approval'
import type { Level } from '@natsuin/protocol/genesis'
import { type IssuanceRefusal, type KeyAttestation, keyAttestation } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { ShapeError } from '@natsuin/protocol/shape'

export interface AttestationPolicy {
  /** DER SubjectPublicKeyInfo of the pinned SAM key. */
  readonly samKey: Uint8Array
  readonly deployment: string
  readonly maxLevel: Level
}

/** An attestation that passed every check, and the digest that tells it from any other. */
export class VerifiedAttestation {
  readonly content: KeyAttestation
  /** SHA-256 of the JWS signing input. Not of the whole JWS: an ECDSA signature has a second spelling. */
  readonly digest: Uint8Array

  private constructor(content: KeyAttestation, digest: Uint8Array) {
    this.content = content
    this.digest = digest
  }

  /** @throws Refusal `attestation-invalid`, `attestation-foreign`, `level-not-allowed` */
  static async verify(jws: string, policy: AttestationPolicy, now: Date): Promise<VerifiedAttestation> {
    const content = await genuine(jws, policy.samKey)
    for (const { refusal, holds } of CHECKS) {
      if (!holds(content, policy, now)) throw new Refusal(refusal, { credentialId: content.credentialId })
    }
    return new VerifiedAttestation(content, digestSync('sha256', utf8(jws.slice(0, jws.lastIndexOf('.')))))
  }
}

interface Check {
  readonly refusal: IssuanceRefusal
  readonly holds: (attestation: KeyAttestation, policy: AttestationPolicy, now: Date) => boolean
}

const CHECKS: readonly Check[] = [
  {
    refusal: 'attestation-foreign',
    holds: ({ deployment }, policy) => deployment === policy.deployment,
  },
  { refusal: 'level-not-allowed', holds: ({ level }, policy) => level <= policy.maxLevel },
  // A software module is level 1, and more only where the whole deployment is a test (sole control, 1).
  {
    refusal: 'level-not-allowed',
    holds: ({ level, softwareModule, environment }) =>
      level === 1 || !softwareModule || environment === 'test',
  },
  // EN 419 221-5 by way of sole control, 11: made in the module and never seen outside it in the clear.
  {
    refusal: 'level-not-allowed',
    holds: ({ level, local, alwaysSensitive }) => level === 1 || (local && alwaysSensitive),
  },
  // Imported is for life: such a key was never made here, and it is never more than level 2 (requirements C-KI-1).
  {
    refusal: 'attestation-invalid',
    holds: ({ origin, local, level }) => origin !== 'imported' || (!local && level < 3),
  },
  { refusal: 'attestation-invalid', holds: ({ publicKey, keyType }) => keyTypeOf(publicKey) === keyType },
  // The SAM examined it as well; a certificate for a key that anybody can compute is ours to prevent.
  {
    refusal: 'attestation-invalid',
    holds: ({ publicKey }) => weaknessOfPublicKey(publicKey, nodeKeyPlatform) === undefined,
  },
  // Attested in our future: one of the two clocks is wrong, and the certificate would begin before its key.
  {
    refusal: 'attestation-invalid',
    holds: ({ issuedAt }, _, now) => issuedAt * 1000 <= now.getTime() + CLOCK_SKEW_MILLISECONDS,
  },
]

const CLOCK_SKEW_MILLISECONDS = 60_000

async function genuine(jws: string, samKey: Uint8Array): Promise<KeyAttestation> {
  const content = await read(jws, samKey)
  if (content === undefined) throw new Refusal('attestation-invalid', { reason: 'signature' })
  return content
}

async function read(jws: string, samKey: Uint8Array): Promise<KeyAttestation | undefined> {
  try {
    return await verifyJws(jws, 'natsuin-key-attestation', keyAttestation, samKey, nodePlatform)
  } catch (error) {
    if (error instanceof ShapeError)
      throw new Refusal('attestation-invalid', { at: error.path }, { cause: error })
    throw error
  }
}

function keyTypeOf(spki: Uint8Array) {
  try {
    return readPublicKey(spki).keyType
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}
