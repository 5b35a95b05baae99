/**
 * Genesis: makes the SAM's keys and store, and leaf 0 of the state log (sole-control 8).
 *
 * A local ceremony, done once and explicitly. It refuses when a store or a key of that name is there: nothing that
 * guards keys is made over.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { CryptoModule, NamedKey } from '@natsuin/crypto-module'
import type { SharedBackup } from '@natsuin/protocol/keys'
import type { ActivityLeaf, StateLeaf } from '@natsuin/protocol/log'
import { Checkpoints, checkpointFiles } from '../audit/checkpoints.ts'
import { HeadSeal } from '../audit/head-seal.ts'
import { Journal } from '../audit/journal.ts'
import { sourcesOf } from '../audit/open-logs.ts'
import { emptyLog } from '../audit/read-log.ts'
import { backupLeaves } from '../keys/backup/backup-leaves.ts'
import { addKeyWitnesses } from '../keys/backup/key-witnesses.ts'
import { makeKeys } from '../keys/backup/make-keys.ts'
import { LABEL } from '../keys/labels.ts'
import { makeImportKey } from '../keys/make-import-key.ts'
import { openSamKey, type SamKey } from '../keys/sam-key.ts'
import { rosterDigest, rosterId } from '../roster/roster-in-force.ts'
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
  /** The SAM that is started first. */
  readonly instance: string
  readonly logOrigin: string
  readonly checkpointDirectory: string
  /** Where what the keys are recognised by is kept; an empty path is no file. */
  readonly keyWitnessFile: string
  readonly clock: Clock
}

export interface Founded {
  readonly key: SamKey
  /** Of the SAM's keys, where the founding asks for one. */
  readonly backup: SharedBackup | undefined
}

const OWN_KEYS: readonly NamedKey[] = [
  { kind: 'signing', label: LABEL.sam, type: 'ec-p256' },
  { kind: 'master', label: LABEL.master },
  { kind: 'mac', label: LABEL.seal },
]

/** @throws FoundingError, ModuleRefusal `key-exists` */
export async function genesis(options: GenesisOptions): Promise<Founded> {
  const { founding, module, store, clock, keyWitnessFile } = options
  const roster = rosterOf(founding, module.description.softwareModule)
  const at = Math.floor(clock.wall())
  const { deployment, backup: terms } = founding
  const backup = await makeKeys(module, OWN_KEYS, { deployment, terms, madeAt: Math.floor(at / 1000) })
  await addKeyWitnesses(keyWitnessFile, backup?.keys ?? [])
  const key = await openSamKey(module)
  await makeImportKey(module, roster)
  const seal = await recordSeal(module)
  const records = new SealedRecords(store, seal)
  const journals = emptyJournals(options, new HeadSeal(seal), at)
  await journals.state.append({
    leaves: [{ event: 'genesis', at, rosterDigest: rosterDigest(roster) }, ...backupLeaves(backup, at)],
    records: () => [records.seal('roster', rosterId(roster.version), 1, roster)],
  })
  const files = checkpointFiles(options.checkpointDirectory)
  await new Checkpoints({ journal: journals.state, key, file: files.state }).copyOutside()
  await new Checkpoints({ journal: journals.activity, key, file: files.activity }).copyOutside()
  return { key, backup }
}

function emptyJournals(options: GenesisOptions, seal: HeadSeal, at: number) {
  const sources = sourcesOf({ ...options, seal })
  const callbacks = { certain: () => Math.floor(at / 1000), onRecords: () => {}, onClosed: () => {}, wait }
  const begin = { end: emptyLog(), writers: 'one', ...callbacks } as const
  return {
    state: new Journal<StateLeaf>({ source: sources.state, ...begin }),
    activity: new Journal<ActivityLeaf>({ source: sources.activity, ...begin }),
  }
}
