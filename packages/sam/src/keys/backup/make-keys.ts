/**
 * Makes keys of the SAM's own, with copies for custodians if there is to be a backup. It is the only moment in which copies
 * can leave the module (docs/decisions/backup-at-birth.md).
 */
import type { CryptoModule, NamedKey } from '@natsuin/crypto-module'
import type { BackupTerms, SharedBackup } from '@natsuin/protocol/keys'
import { type CopiedKey, shareBackup } from '@natsuin/protocol/node'

export interface BackupOptions {
  readonly deployment: string
  /** None: no copy ever leaves. */
  readonly terms: BackupTerms | undefined
  /** Seconds. */
  readonly madeAt: number
}

/** The backup, if there is to be one. @throws ModuleRefusal `key-exists` */
export async function makeKeys(
  module: CryptoModule,
  keys: readonly NamedKey[],
  { deployment, terms, madeAt }: BackupOptions,
): Promise<SharedBackup | undefined> {
  if (terms === undefined) {
    for (const key of keys) await makeForGood(module, key)
    return undefined
  }
  const copied: CopiedKey[] = []
  for (const key of keys) copied.push(await makeWithCopies(module, key, terms))
  return shareBackup({ deployment, ...terms, madeAt }, copied)
}

async function makeForGood(module: CryptoModule, key: NamedKey): Promise<void> {
  if (key.kind === 'master') return module.createMasterKey(key.label)
  if (key.kind === 'mac') return module.createMacKey(key.label)
  await module.createSigningKey(key.label, key.type)
}

async function makeWithCopies(
  module: CryptoModule,
  key: NamedKey,
  { custodians }: BackupTerms,
): Promise<CopiedKey> {
  const recipients = custodians.map(({ publicKey }) => publicKey)
  const { copies, witness } = await module.createWithBackup(key, recipients)
  const { kind, label } = key
  return { kind, label, ...(key.kind === 'signing' && { keyType: key.type }), witness, copies }
}
