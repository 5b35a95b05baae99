/**
 * The means by which a person is going to approve, as he shows them at his enrolment: one member for each.
 *
 * Which of them he has to show follows from the class: one for every way to approve that it accepts.
 */
import { base64url, optional, record, type Shaped } from '../shape/shape.ts'
import { registration } from './assertion.ts'
import { box } from './box.ts'
import type { ApprovalKind } from './kinds.ts'
import { givenCode } from './provider.ts'
import { sealText } from './seal.ts'

/** The key with which software of an organisation approves, and a seal by it over the enrolment statement. */
export const sealKey = record({
  /** DER SubjectPublicKeyInfo (P-256). */
  publicKey: base64url({ min: 60, max: 200 }),
  seal: sealText,
})

export const means = record({
  /** An authenticator, registered over the statement. */
  passkey: optional(registration),
  /** A log-in at the provider of the class, for the statement: from then on the account is the signer's. */
  provider: optional(givenCode),
  sealKey: optional(sealKey),
  /** A PIN and the secret of an authenticator app (`pinAndSecret`), for the SAM alone. */
  pinTotp: optional(record({ box })),
  /** A PIN and the address that codes are sent to (`pinAndAddress`), for the SAM alone. */
  pinSentCode: optional(record({ box })),
})

export type SealKey = Shaped<typeof sealKey>
export type Means = Shaped<typeof means>
export type MeansName = keyof Means

/** Ways to approve that can be enrolled for, each with the means that it takes. */
const MEANS_FOR: Readonly<Partial<Record<ApprovalKind, readonly MeansName[]>>> = {
  passkey: ['passkey'],
  provider: ['provider'],
  'provider-and-passkey': ['passkey', 'provider'],
  'seal-key': ['sealKey'],
  'pin-totp': ['pinTotp'],
  'pin-sent-code': ['pinSentCode'],
}

/** In the order in which `Means` names them; undefined when nobody can enrol for one of the ways. */
export function meansFor(approvals: readonly ApprovalKind[]): readonly MeansName[] | undefined {
  const needed = new Set<MeansName>()
  for (const kind of approvals) {
    const names = MEANS_FOR[kind]
    if (names === undefined) return undefined
    for (const name of names) needed.add(name)
  }
  return (['passkey', 'provider', 'sealKey', 'pinTotp', 'pinSentCode'] as const).filter(name =>
    needed.has(name),
  )
}
