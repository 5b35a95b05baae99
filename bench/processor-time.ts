/** Processor time that a process has used, all its threads, user and system: proc_pid_stat(5). Linux only. */
import { readFileSync } from 'node:fs'

/** Of a second; the kernel counts in these for every architecture that Node runs on. */
const TICKS = 100

/** Milliseconds. */
export function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, the name, may contain anything; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

/** Processes that its main thread has started and that run: proc_pid_task(5). */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}
