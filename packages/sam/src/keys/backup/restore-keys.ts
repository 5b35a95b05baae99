/**
 * Brings the SAM's own keys back into a new module, from what custodians opened for it (sole-control 11).
 *
 * A ceremony on the SAM's host, in two parts: the module makes a key to receive them with, and later takes them. Whatever is
 * not the key that its witness knows is refused. The SAM then acts only once people of the roster have agreed.
 */
import type { CryptoModule, ImportKey, NamedKey } from '@natsuin/crypto-module'
import type { Restoration } from '@natsuin/protocol/keys'
import { ConfigurationError } from '@natsuin/protocol/node'
import { LABEL } from '../labels.ts'

type RestoredKey = Restoration['keys'][number]

/** For whom the custodians encrypt; the same key again while the ceremony lasts. */
export async function prepareRestore(module: CryptoModule): Promise<ImportKey> {
  return (await module.importKey(LABEL.restore)) ?? (await module.createImportKey(LABEL.restore))
}

/** @throws ModuleRefusal `key-exists`, `key-unknown`, `wrapped-key-invalid`, `witness-differs`; ConfigurationError */
export async function restoreKeys(module: CryptoModule, { keys }: Restoration): Promise<void> {
  const missing: string[] = [LABEL.sam, LABEL.seal].filter(label => !keys.some(key => key.label === label))
  if (!keys.some(({ kind }) => kind === 'master')) missing.push(LABEL.master)
  if (missing.length > 0)
    throw new ConfigurationError(missing.map(label => `restoration: there is no ${label}`))
  for (const key of keys) {
    const { sent, witness } = key
    await module.restoreKey(namedKey(key), { importKey: LABEL.restore, sent }, witness)
  }
  await module.destroyKey({ kind: 'import', label: LABEL.restore })
}

/** @throws ConfigurationError */
function namedKey({ kind, label, keyType: type }: RestoredKey): NamedKey {
  if (kind !== 'signing') return { kind, label }
  if (type === undefined) throw new ConfigurationError([`restoration: ${label} has no key type`])
  return { kind, label, type }
}
