/**
 * Genesis: makes the SAM's keys and store, and leaf 0 of its log (sole-control 8).
 *
 * A local ceremony, done once and explicitly. It refuses when a store or a key of that name is there: nothing that
 * guards keys is made over.
 */
import type { CryptoModule } from '@natsuin/crypto-module'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import type { Roster } from '@natsuin/protocol/genesis'
import { writeJson } from '@natsuin/protocol/shape'
import { Checkpoints } from '../audit/checkpoints.ts'
import { Journal } from '../audit/journal.ts'
import { MerkleTree } from '../audit/merkle-tree.ts'
import { LABEL } from '../keys/labels.ts'
import { SamKey } from '../keys/sam-key.ts'
import { recordSeal } from '../store/record-seal.ts'
import { SealedRecords } from '../store/sealed-records.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import { type Founding, rosterOf } from './founding.ts'

export interface GenesisOptions {
  readonly founding: Founding
  readonly module: CryptoModule
  /** An empty one. */
  readonly store: Store
  readonly logOrigin: string
  readonly checkpointFile: string
  readonly clock: Clock
}

/** The id of the one roster record. */
export const ROSTER_ID = 'roster'

/** What leaf 0 says of a roster. */
export const rosterDigest = (roster: Roster) => digestSync('sha256', writeJson(toWire(roster)))

/** @throws FoundingError, ModuleRefusal `key-exists` */
export async function genesis(options: GenesisOptions): Promise<SamKey> {
  const { founding, module, store, logOrigin, checkpointFile, clock } = options
  const roster = rosterOf(founding, module.description.softwareModule)
  const key = new SamKey(module, await module.createSigningKey(LABEL.sam, 'ec-p256'))
  await module.createMasterKey(LABEL.master)
  await module.createMacKey(LABEL.seal)
  const records = new SealedRecords(store, await recordSeal(module))
  const at = Math.floor(clock.wall())
  const journal = new Journal({
    store,
    origin: logOrigin,
    tree: new MerkleTree(),
    newest: undefined,
    now: () => Math.floor(at / 1000),
    onRecords: () => {},
    onClosed: () => {},
  })
  await journal.append({
    leaves: [{ event: 'genesis', at, rosterDigest: rosterDigest(roster) }],
    records: () => [records.seal('roster', ROSTER_ID, 1, roster)],
  })
  await new Checkpoints({ journal, key, file: checkpointFile }).copyOutside()
  return key
}
