/** The keys of the authorities, by the names they have in the module. */
import type { KeyType, SignatureAlgorithm } from '@natsuin/pki/algorithms'

/** The MAC key that seals records, and tags serial numbers with the key they belong to. */
export const sealKeyLabel = 'natsuin-authorities-seal'

export interface AuthorityKey {
  readonly label: string
  readonly type: KeyType
  readonly algorithm: SignatureAlgorithm
}

export type AuthorityName = 'root' | 'issuing' | 'ocsp' | 'tsa'

const p256 = { type: 'ec-p256', algorithm: 'ecdsa-sha256' } as const

export const authorityKeys: Readonly<Record<AuthorityName, AuthorityKey>> = {
  // The root outlives the others by a decade.
  root: { label: 'natsuin-authorities-root', type: 'ec-p384', algorithm: 'ecdsa-sha384' },
  issuing: { label: 'natsuin-authorities-issuing', ...p256 },
  ocsp: { label: 'natsuin-authorities-ocsp', ...p256 },
  tsa: { label: 'natsuin-authorities-tsa', ...p256 },
}
