/** Collects for whoever augments: with what he was given, and with what the signature itself brings. */
import type { AugmentOptions } from '../augment-options.ts'
import { firstOf } from '../revocation/first-of.ts'
import { collectValidationData, type Subject, type ValidationData } from './collect.ts'

interface Wanted {
  readonly subjects: readonly Subject[]
  /** Certificates that the signature brings, DER each. */
  readonly brought: readonly Uint8Array[]
}

/** @throws AdesRefusal what `collectValidationData` refuses with */
export function collectFor(options: AugmentOptions, { subjects, brought }: Wanted): Promise<ValidationData> {
  const { platform, at, revocation = firstOf(), trustAnchors = [], untrusted = [] } = options
  return collectValidationData({
    subjects,
    untrusted: [...untrusted, ...brought],
    trustAnchors,
    at,
    revocation,
    platform,
  })
}
