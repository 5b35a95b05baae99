/**
 * Admits another SAM to a deployment: makes the copies of the heads with which its first start compares.
 *
 * A local ceremony on the new SAM's host, as genesis is on the first one's: `start` makes nothing. The head of the state
 * log is brought from a running SAM, because the database alone is not believed; the activity log must not exist yet.
 */
import { existsSync } from 'node:fs'
import type { CryptoModule } from '@natsuin/crypto-module'
import { replaceFile } from '@natsuin/protocol/node'
import { Checkpoints, checkpointFiles } from '../audit/checkpoints.ts'
import { HeadSeal } from '../audit/head-seal.ts'
import { EMPTY_ROOT } from '../audit/merkle-tree.ts'
import { genuineHead, openLog } from '../audit/open-log.ts'
import { sourcesOf } from '../audit/open-logs.ts'
import { openSamKey } from '../keys/sam-key.ts'
import { recordSeal } from '../store/record-seal.ts'
import type { Store } from '../store/store.ts'

export interface JoinOptions {
  readonly module: CryptoModule
  readonly store: Store
  readonly instance: string
  readonly logOrigin: string
  readonly checkpointDirectory: string
  /** Newest head of the state log, from the copies of another SAM. */
  readonly checkpoint: string
}

/** This SAM cannot be admitted. */
export class JoinError extends Error {
  readonly code = 'cannot-join'
}

/** @throws JoinError, LogRejected */
export async function join(options: JoinOptions): Promise<void> {
  const { module, store, instance, checkpointDirectory, checkpoint } = options
  const files = checkpointFiles(checkpointDirectory)
  if (store.sams === undefined) throw new JoinError('an SQLite store has one SAM')
  if (existsSync(files.state)) throw new JoinError(`there are checkpoints in ${checkpointDirectory}`)
  const key = await openSamKey(module)
  const { state, activity } = sourcesOf({ ...options, seal: new HeadSeal(await recordSeal(module)) })
  await openLog(state, [await genuineHead(checkpoint, key.spki)], () => {})
  if ((await store.tail(activity.log)) !== undefined) throw new JoinError(`there was a SAM ${instance}`)
  const head = { origin: activity.origin, size: 0, rootHash: EMPTY_ROOT }
  await new Checkpoints({ journal: { head }, key, file: files.activity }).copyOutside()
  await replaceFile(files.state, checkpoint, 0o600)
}
