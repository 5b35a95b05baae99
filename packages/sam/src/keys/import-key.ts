/**
 * `keys/import-key` — which key the module imports under, in the SAM's own words.
 *
 * The officer's tool encrypts for the key that is named here, so the statement is signed: whoever could put another key
 * in its place would be sent private keys (sole-control 11).
 */
import type { ImportKey, OaepDigest } from '@natsuin/crypto-module'
import type { ImportKeyStatement, ImportWrapping } from '@natsuin/protocol/keys'
import type { SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { LABEL } from './labels.ts'
import { moduleAnswer } from './module-answer.ts'

/** @throws Refusal `import-unavailable`, `module-unavailable` */
export async function stateImportKey({
  roster,
  key,
  module,
  time,
}: Pick<Sam, 'roster' | 'key' | 'module' | 'time'>): Promise<SapResponse<'keys/import-key'>> {
  const { spki, oaepDigest } = await readImportKey({ module })
  const statement: ImportKeyStatement = {
    v: 1,
    deployment: roster.deployment,
    environment: roster.environment,
    publicKey: spki,
    wrapping: WRAPPINGS[oaepDigest],
    issuedAt: time.seconds(),
  }
  return { samKey: key.spki, statement: await key.sign('natsuin-import-key', statement) }
}

/** @throws Refusal `import-unavailable`, `module-unavailable` */
export async function readImportKey({ module }: Pick<Sam, 'module'>): Promise<ImportKey> {
  const importKey = await moduleAnswer(() => module.importKey(LABEL.import))
  if (importKey === undefined) throw refuse('import-unavailable')
  return importKey
}

export const WRAPPINGS: Readonly<Record<OaepDigest, ImportWrapping>> = {
  sha1: 'rsa-oaep-sha1-aes256-kwp',
  sha256: 'rsa-oaep-sha256-aes256-kwp',
}
