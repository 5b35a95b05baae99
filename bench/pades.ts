/**
 * PAdES-B-B of a large document, beside `sha256sum` + `cp` of the same file: reading and writing it is the least
 * that signing can take. Each signature in a process of its own, whose peak memory is read from the system.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLargePdf } from '@natsuin/testing/pdf'
import { compared, type Figure, reference } from './figure.ts'

const WORKER = fileURLToPath(new URL('pades-worker.ts', import.meta.url))

/** Megabytes of pages, and how often each is signed: two gigabytes once, since there it is memory that matters. */
const DOCUMENTS = [
  { megabytes: 1, rounds: 5 },
  { megabytes: 99, rounds: 5 },
  { megabytes: 2000, rounds: 1 },
] as const

type DocumentPlan = (typeof DOCUMENTS)[number]

export function padesFigures(tell: (what: string) => void): readonly Figure[] {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-bench-'))
  try {
    return DOCUMENTS.flatMap(plan => {
      tell(`PAdES-B-B of ${plan.megabytes} MB`)
      return figuresFor(directory, plan)
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function figuresFor(directory: string, { megabytes, rounds }: DocumentPlan): readonly Figure[] {
  const path = join(directory, `${megabytes}.pdf`)
  writeLargePdf(path, megabytes)
  const size = `${Math.round(statSync(path).size / 1e6)} MB`
  const least = reference(
    `sha256sum + cp, ${size}`,
    best(rounds, () => copyAndHash(path)),
    'ms',
  )
  sign(path)
  const runs = Array.from({ length: rounds }, () => sign(path))
  const time = Math.min(...runs.map(({ milliseconds }) => milliseconds))
  const memory = Math.max(...runs.map(({ peakBytes }) => peakBytes))
  const idle = Math.max(...runs.map(({ idleBytes }) => idleBytes))
  const idleFigure = reference(`  memory of the process before it signs`, idle / 1e6, 'MB')
  for (const made of [path, `${path}.copy`, `${path}.signed`]) rmSync(made)
  return [
    least,
    compared(`PAdES-B-B, ${size}, copy and fsync included`, time, least),
    idleFigure,
    compared(`  peak memory`, memory / 1e6, idleFigure),
  ]
}

function copyAndHash(path: string): number {
  const begun = performance.now()
  execFileSync('sha256sum', [path])
  execFileSync('cp', [path, `${path}.copy`])
  return performance.now() - begun
}

function best(rounds: number, act: () => number): number {
  return Math.min(...Array.from({ length: rounds }, act))
}

function sign(path: string): { milliseconds: number; peakBytes: number; idleBytes: number } {
  const args = ['--conditions=natsuin-source', WORKER, path, `${path}.signed`]
  // Stripping types takes some thirty megabytes, which a built package does not need; the first run fills the cache.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'compiled') }
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }))
}
