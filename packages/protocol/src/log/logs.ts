/**
 * The logs of a deployment by name. The origin of each, which its checkpoints carry, is the deployment's own name
 * for its logs, a slash, and the log's name.
 */
import { type Shape, text } from '../shape/shape.ts'

/** The state log, or the activity log of one SAM. */
export type LogName = typeof STATE_LOG | `activity/${string}`

export const STATE_LOG = 'state'

/** As it arrives in a message. */
export const logName: Shape<LogName> = (value, path) =>
  text({ max: 80, pattern: /^(state|activity\/[A-Za-z0-9_-]{1,64})$/ })(value, path) as LogName // so its pattern says

/** @param instance name of the SAM */
export const activityLog = (instance: string): LogName => `activity/${instance}`

/** @param logOrigin a URL without a scheme (C2SP tlog-checkpoint) */
export const originOf = (logOrigin: string, log: LogName): string => `${logOrigin}/${log}`

/**
 * Leaves are exported and archived in blocks, complete subtrees of the tree (RFC 9162, 2.1.1), so that what was changed
 * can be looked for in one of them.
 */
export const BLOCK_LEAVES = 256
