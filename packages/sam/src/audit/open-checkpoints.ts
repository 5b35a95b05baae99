/** The checkpoints of both logs, with the witnesses that cosign them. */
import { activityLog, type LogName, STATE_LOG } from '@natsuin/protocol/log'
import type { SamKey } from '../keys/sam-key.ts'
import type { Logs } from '../sam.ts'
import type { Witnesses } from '../witness/witnesses.ts'
import { Checkpoints, type CheckpointWitnesses, checkpointFiles } from './checkpoints.ts'
import { closeLogs } from './open-logs.ts'
import type { LogRejected } from './read-log.ts'

export interface OpenCheckpointsOptions {
  readonly instance: string
  readonly checkpointDirectory: string
  readonly key: SamKey
  readonly logs: Logs
  readonly witnesses: Witnesses | undefined
  /** Told when a witness has seen a history that nothing explains; both logs are closed by then. */
  readonly onRejected: (reason: LogRejected) => void
}

export function openCheckpoints(options: OpenCheckpointsOptions): {
  readonly [L in keyof Logs]: Checkpoints
} {
  const { instance, checkpointDirectory, key, logs } = options
  const files = checkpointFiles(checkpointDirectory)
  const others = { catchUp: () => logs.state.catchUp() }
  const state = { journal: logs.state, key, file: files.state, ...witnessing(options, STATE_LOG, others) }
  const activity = {
    journal: logs.activity,
    key,
    file: files.activity,
    ...witnessing(options, activityLog(instance)),
  }
  return { state: new Checkpoints(state), activity: new Checkpoints(activity) }
}

function witnessing(
  { witnesses, logs, onRejected }: OpenCheckpointsOptions,
  log: LogName,
  others: Pick<CheckpointWitnesses, 'catchUp'> = {},
): { readonly witnesses?: CheckpointWitnesses } {
  if (witnesses === undefined) return {}
  return {
    witnesses: {
      ...others,
      cosign: checkpoint => witnesses.cosign(log, checkpoint),
      onRejected: reason => {
        closeLogs(logs)
        onRejected(reason)
      },
    },
  }
}
