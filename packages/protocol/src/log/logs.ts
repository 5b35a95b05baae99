/**
 * The logs of a deployment by name. The origin of each, which its checkpoints carry, is the deployment's own name
 * for its logs, a slash, and the log's name.
 */

/** The state log, or the activity log of one SAM. */
export type LogName = typeof STATE_LOG | `activity/${string}`

export const STATE_LOG = 'state'

/** @param instance name of the SAM */
export const activityLog = (instance: string): LogName => `activity/${instance}`

/** @param logOrigin a URL without a scheme (C2SP tlog-checkpoint) */
export const originOf = (logOrigin: string, log: LogName): string => `${logOrigin}/${log}`
