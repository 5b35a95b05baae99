/**
 * How long a request may take. Two lengths only: timers of one length cost next to nothing.
 */
import type { OperationName } from './messages.ts'

/** @param seconds of an ordinary request */
export function deadlineMilliseconds(
  operation: OperationName,
  parameters: readonly unknown[],
  seconds: number,
): number {
  const isLong = MAKE_KEYS.has(operation) || batchSize(operation, parameters) > LARGE_BATCH
  return seconds * 1000 * (isLong ? 10 : 1)
}

/** An RSA key of 4096 bits takes some hardware half a minute. */
const MAKE_KEYS: ReadonlySet<OperationName> = new Set([
  'createMasterKey',
  'createMacKey',
  'createSigningKey',
  'createImportKey',
  'createWithBackup',
  'generateWrapped',
  'generateSession',
  'capability',
  'capabilities',
  'guardsWrapping',
  'probe',
])

const LARGE_BATCH = 100

function batchSize(operation: OperationName, parameters: readonly unknown[]): number {
  const batch = operation === 'signWrapped' ? parameters[2] : operation === 'signSession' ? parameters[1] : []
  return Array.isArray(batch) ? batch.length : 0
}
