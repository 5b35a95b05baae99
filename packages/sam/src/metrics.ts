/**
 * What the SAM counts. Approvals and activations are its requests `approve` and `sign`; refusals are the outcomes of
 * requests. It writes the exposition itself and takes no library for it.
 */
import { statSync } from 'node:fs'
import {
  callMetrics,
  LATENCY_BUCKETS,
  type Metrics,
  type MetricTable,
  moduleMetrics,
  processMetrics,
  type ReadinessChecks,
} from '@natsuin/protocol/node'
import { LABEL } from './keys/labels.ts'
import type { Sam } from './sam.ts'
import type { Store } from './store/store.ts'

export const samMetrics = {
  ...processMetrics,
  ...callMetrics,
  ...moduleMetrics,
  natsuin_commit_entries: {
    kind: 'histogram',
    help: 'Entries that shared one commit.',
    labels: ['log'],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  natsuin_commit_seconds: {
    kind: 'histogram',
    help: 'Time of a commit to the database.',
    labels: ['log'],
    buckets: LATENCY_BUCKETS,
  },
  natsuin_log_leaves: { kind: 'gauge', help: 'Leaves of a log.', labels: ['log'] },
  natsuin_checkpoint_lag_leaves: {
    kind: 'gauge',
    help: 'Leaves of a log that its copy outside the database does not vouch for yet.',
    labels: ['log'],
  },
  natsuin_checkpoint_written_time_seconds: {
    kind: 'gauge',
    help: 'When the copy of a head outside the database was written, in seconds since 1970.',
    labels: ['log'],
  },
  natsuin_tickets_kept: {
    kind: 'gauge',
    help: 'Tickets in memory: open ones, and spent ones until they expire.',
  },
  natsuin_activations_ongoing: {
    kind: 'gauge',
    help: 'Activations that were granted and have no outcome yet.',
  },
  natsuin_time_trusted: {
    kind: 'gauge',
    help: '1 while wall clock, monotonic clock and log agree; 0 otherwise.',
  },
} as const satisfies MetricTable

export type SamMetrics = Metrics<typeof samMetrics>

/** The same store; commits are counted. */
export function meteredStore(store: Store, metrics: SamMetrics): Store {
  const commit: Store['commit'] = async group => {
    const begun = performance.now()
    const outcome = await store.commit(group)
    const log = kindOf(group.log)
    metrics.observe('natsuin_commit_seconds', (performance.now() - begun) / 1000, { log })
    metrics.observe('natsuin_commit_entries', group.members.length, { log })
    return outcome
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') return commit
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/** An activity log is called after its SAM; which one it is, the scraped process tells. */
const kindOf = (log: string): string => (log === 'state' ? 'state' : 'activity')

/** Asked when somebody reads. */
export function gaugeSam(sam: Sam, metrics: SamMetrics): void {
  metrics.onRead(() => {
    for (const log of ['state', 'activity'] as const) gaugeLog(sam, log, metrics)
    metrics.set('natsuin_tickets_kept', sam.tickets.kept)
    metrics.set('natsuin_activations_ongoing', sam.ongoing.size)
    metrics.set('natsuin_time_trusted', isTimeTrusted(sam) ? 1 : 0)
  })
}

function gaugeLog(sam: Sam, log: 'state' | 'activity', metrics: SamMetrics): void {
  const { size } = sam.logs[log].head
  const { copied, file } = sam.checkpoints[log]
  metrics.set('natsuin_log_leaves', size, { log })
  metrics.set('natsuin_checkpoint_lag_leaves', Math.max(0, size - copied), { log })
  metrics.set('natsuin_checkpoint_written_time_seconds', writtenAt(file), { log })
}

const writtenAt = (file: string): number =>
  Math.floor((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000)

/** What the SAM needs to do its work: each can come back without a restart, but for a closed log. */
export function samReadiness(sam: Sam): ReadinessChecks {
  return {
    module: async () => (await sam.module.publicKey(LABEL.sam)) !== undefined,
    store: async () => (await sam.store.tail('state')) !== undefined,
    log: () => !sam.logs.state.isClosed && !sam.logs.activity.isClosed,
    lease: () => sam.lease.isHeld(),
    time: () => sam.roster.maxLevel < 3 || isTimeTrusted(sam),
  }
}

function isTimeTrusted({ time }: Sam): boolean {
  try {
    time.checkTrusted(3)
    return true
  } catch {
    return false
  }
}
