/**
 * What the log costs (threats 15): signatures of a SAM with its log, beside those of one that makes the same records
 * durable and writes no leaves. In the SAM's process, without HTTP and OAuth, where the log weighs most.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compared, type Figure, reference } from './figure.ts'

const ENTRY = fileURLToPath(new URL('../packages/sam/src/fixture/audit-cost.ts', import.meta.url))

export function auditFigures(tell: (what: string) => void): readonly Figure[] {
  tell('audit: embedded database, software module')
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--conditions=natsuin-source', ENTRY], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  const [line = ''] = stdout.split('\n')
  const { audited, bare } = JSON.parse(line) as Record<'audited' | 'bare', number[]>
  const without = reference('signatures of a SAM without a log', median(bare), 'signatures/s')
  return [without, compared('signatures of a SAM with its log', median(audited), without)]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
