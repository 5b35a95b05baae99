/** For whom a backup may be made (sole-control 8: dual control at least). */
import { DerError } from '@natsuin/pki/asn1'
import { toHex } from '@natsuin/pki/encoding'
import { readPublicKey } from '@natsuin/pki/x509'
import type { BackupTerms } from '@natsuin/protocol/keys'

const MIN_BITS = 3072
/** Each group of custodians that is large enough has a share of its own (`protocol/keys/shared-backup.ts`). */
const MAX_SHARES = 252

type BackupRule = (terms: BackupTerms) => readonly string[]

const RULES: readonly BackupRule[] = [
  ({ threshold, custodians }) =>
    demand(
      threshold <= custodians.length,
      `${threshold} custodians are needed, and there are ${custodians.length}`,
    ),
  ({ threshold, custodians }) =>
    demand(groups(custodians.length, threshold) <= MAX_SHARES, 'too many groups of custodians'),
  ({ custodians }) => demand(isDistinct(custodians.map(({ id }) => id)), 'a custodian twice'),
  ({ custodians }) =>
    demand(isDistinct(custodians.map(({ publicKey }) => toHex(publicKey))), 'two custodians with one key'),
  ({ custodians }) =>
    custodians
      .filter(({ publicKey }) => bitsOf(publicKey) < MIN_BITS)
      .map(({ id }) => `the key of ${id} is no RSA key of ${MIN_BITS} bits at least`),
]

/** Everything that is wrong with the terms, in sentences. */
export function problemsOfBackup(terms: BackupTerms | undefined): string[] {
  if (terms === undefined) return []
  return RULES.flatMap(rule => rule(terms)).map(problem => `backup: ${problem}`)
}

/** Zero for what is no RSA key. */
function bitsOf(publicKey: Uint8Array): number {
  try {
    const key = readPublicKey(publicKey)
    return key.kind === 'rsa' ? key.modulusBits : 0
  } catch (error) {
    if (error instanceof DerError) return 0
    throw error
  }
}

/** How many groups of this size there are. */
function groups(of: number, size: number): number {
  let count = 1
  for (let i = 1; i <= size; i += 1) count = (count * (of - size + i)) / i
  return count
}

const demand = (holds: boolean, problem: string): readonly string[] => (holds ? [] : [problem])
const isDistinct = (values: readonly string[]) => new Set(values).size === values.length
