/**
 * The log of a process: one JSON object a line.
 *
 * Identifiers, codes and faults; never a SAD, a ticket, a subject, a document or a key.
 */

export type LogLevel = 'info' | 'warn' | 'error'
export type Log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void

/** @param write takes a line with its end */
export function jsonLog(write: (line: string) => void, now: () => Date): Log {
  return (level, event, fields = {}) => {
    write(`${JSON.stringify({ time: now().toISOString(), level, event, ...fields })}\n`)
  }
}

/** What a log says of an exception: its message and trace, and those of its causes. */
export function describeFault(fault: unknown): Readonly<Record<string, unknown>> {
  if (!(fault instanceof Error)) return { fault: String(fault) }
  const cause = fault.cause === undefined ? {} : { cause: describeFault(fault.cause) }
  return { fault: fault.message, stack: fault.stack, ...cause }
}
