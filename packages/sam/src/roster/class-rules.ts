/**
 * What a class of credentials may be, whoever founds or administers a deployment (requirements 3.1 and 3.3).
 *
 * The table of levels: who holds the keys, the person's proof and the way to approve must each reach the level, and
 * level 3 is sole control, so that nothing there rests on a machine or on somebody else's word.
 */
import { readableCertificates } from '@natsuin/pki/x509'
import { type ApprovalKind, isByProvider } from '@natsuin/protocol/approval'
import type { CredentialClass, Level } from '@natsuin/protocol/genesis'

interface ClassRule {
  /** Completes "class x: …" when the rule does not hold. */
  readonly says: string
  readonly holds: (credentialClass: CredentialClass) => boolean
}

/**
 * The highest level at which each way to approve may be used. A provider vouches for its own users and a PIN with a
 * code can be phished (sole-control 1); a seal key acts with nobody present, and level 3 wants an explicit act of a
 * verified person for each session (C-AC-1), which also holds for the seal of an organisation. A code that is sent is read by
 * whoever carries it.
 */
const HIGHEST: Readonly<Record<ApprovalKind, Level>> = {
  passkey: 3,
  'provider-and-passkey': 3,
  provider: 2,
  'pin-totp': 2,
  'pin-sent-code': 1,
  'seal-key': 2,
}

/** Identity proofing that each level begins with (requirements 3.1). */
const PROOFING_FLOOR: Readonly<Record<Level, number>> = { 1: 1, 2: 2, 3: 2 }

const CLASS_RULES: readonly ClassRule[] = [
  {
    says: 'a way to approve that is not enough for its level',
    holds: ({ level, approvals }) => approvals.every(kind => HIGHEST[kind] >= level),
  },
  { says: 'level 3 refuses unseen', holds: ({ level, bases }) => level < 3 || !bases.includes('unseen') },
  // C-KI-1: a key that existed elsewhere may still exist there.
  {
    says: 'imported keys are level 2 at most',
    holds: ({ level, keys }) => level < 3 || keys !== 'imported',
  },
  {
    says: 'identity proofing below what its level begins with',
    holds: ({ level, proofing }) => proofing.minLevel >= PROOFING_FLOOR[level],
  },
  // Zeros are what an authenticator says that does not name its model (WebAuthn Level 3, 6.5.1).
  {
    says: 'a model of authenticators that is none',
    holds: ({ authenticators }) =>
      authenticators?.aaguids.every(aaguid => aaguid.some(byte => byte !== 0)) ?? true,
  },
  {
    says: 'a root of authenticators that is no certificate',
    holds: ({ authenticators }) => authenticators?.roots.every(isCertificate) ?? true,
  },
  {
    says: 'an identity provider for nothing, or none where one has to vouch',
    holds: ({ approvals, provider }) => approvals.some(isByProvider) === (provider !== undefined),
  },
  // Both ask for a PIN and a code: whoever gives them could not say which code it is.
  {
    says: 'codes of an app and codes that are sent',
    holds: ({ approvals }) =>
      !['pin-totp', 'pin-sent-code'].every(kind => approvals.some(one => one === kind)),
  },
  { says: 'a way to approve twice', holds: ({ approvals }) => isDistinct(approvals) },
  { says: 'a basis twice', holds: ({ bases }) => isDistinct(bases) },
]

/** Everything that is wrong with the class, in sentences. */
export function problemsOfClass(credentialClass: CredentialClass): string[] {
  return CLASS_RULES.filter(({ holds }) => !holds(credentialClass)).map(
    ({ says }) => `class ${credentialClass.id}: ${says}`,
  )
}

const isCertificate = (der: Uint8Array) => readableCertificates([der]).length === 1

const isDistinct = (values: readonly string[]) => new Set(values).size === values.length
