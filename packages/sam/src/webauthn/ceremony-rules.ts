/**
 * The rules that registration and assertion share: WebAuthn Level 3, 7.1 and 7.2, in this order.
 *
 * Stricter than the standard where sole control needs it: no frames at all, user verification always.
 */
import { equal, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { AuthenticatorData } from './authenticator-data.ts'
import type { ClientData } from './client-data.ts'

/** The one approval origin, and the RP ID that is its host name exactly (sole-control 2). */
export interface RelyingParty {
  readonly rpId: string
  readonly approvalOrigin: string
}

export interface Ceremony {
  readonly type: 'webauthn.create' | 'webauthn.get'
  /** SHA-256 of the bytes that the person approves. */
  readonly challenge: Uint8Array
  readonly relyingParty: RelyingParty
  readonly clientData: ClientData
  readonly authenticatorData: AuthenticatorData
}

interface Rule {
  readonly refusal: SapRefusal
  readonly holds: (ceremony: Ceremony) => boolean
}

const RULES: readonly Rule[] = [
  {
    refusal: 'challenge-mismatch',
    holds: ({ clientData, challenge }) => equal(clientData.challenge, challenge),
  },
  { refusal: 'ceremony-type', holds: ({ clientData, type }) => clientData.type === type },
  {
    refusal: 'origin-mismatch',
    holds: ({ clientData, relyingParty }) => clientData.origin === relyingParty.approvalOrigin,
  },
  { refusal: 'cross-origin', holds: ({ clientData }) => !clientData.crossOrigin },
  {
    refusal: 'rp-mismatch',
    holds: ({ authenticatorData, relyingParty }) =>
      equal(authenticatorData.rpIdHash, digestSync('sha256', utf8(relyingParty.rpId))),
  },
  { refusal: 'user-not-verified', holds: ({ authenticatorData }) => authenticatorData.userPresent },
  { refusal: 'user-not-verified', holds: ({ authenticatorData }) => authenticatorData.userVerified },
  // 6.1.3: what is not eligible for backup cannot be backed up.
  {
    refusal: 'authenticator-policy',
    holds: ({ authenticatorData }) => authenticatorData.backupEligible || !authenticatorData.backupState,
  },
]

/** @throws Refusal with the code of the first rule that does not hold */
export function checkCeremony(ceremony: Ceremony): void {
  const broken = RULES.find(({ holds }) => !holds(ceremony))
  if (broken !== undefined) throw refuse(broken.refusal)
}
