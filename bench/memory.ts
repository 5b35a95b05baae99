/** Resident memory of a process of a deployment, megabytes: proc_pid_status(5). Linux only. */
import { readFileSync } from 'node:fs'
import type { ProcessName } from '@natsuin/protocol/node/processes'
import type { Deployment } from '@natsuin/testing/deployment'

export function residentMegabytes(deployment: Deployment, name: ProcessName): number {
  const status = readFileSync(`/proc/${deployment.process(name).pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000
}
