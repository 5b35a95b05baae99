/** Lays a specimen down for the judges and asks them all. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell, Specimen } from './cells/cell.ts'
import type { Judge, Question } from './judges/judge.ts'
import type { JudgeProcess } from './judges/judge-process.ts'
import { type Verdict, verdictOf } from './judges/verdict.ts'

export interface Result {
  readonly cell: Cell
  /** By the names of the judges; a judge of other formats has none. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** A judge that has started. */
export interface Sitting {
  readonly judge: Judge
  readonly process: JudgeProcess
}

/** What every judge of the format says. */
export async function askAll(cell: Cell, question: Question, sittings: readonly Sitting[]): Promise<Result> {
  const verdicts = await Promise.all(
    sittings
      .filter(({ judge }) => judge.isAsked(cell))
      .map(async ({ judge, process }) => {
        const verdict = verdictOf(judge, cell, await process.ask(question))
        return [judge.name, verdict] as const
      }),
  )
  return { cell, verdicts: new Map(verdicts) }
}

/** What there is to say of a cell whose signature could not be made. */
export function unmade(cell: Cell, error: unknown, sittings: readonly Sitting[]): Result {
  const word = `not made: ${error instanceof Error ? error.message : error}`
  const verdict: Verdict = { outcome: 'failed', word, reasons: [] }
  const asked = sittings.filter(({ judge }) => judge.isAsked(cell))
  return { cell, verdicts: new Map(asked.map(({ judge }) => [judge.name, verdict])) }
}

/** Puts a specimen into a folder of its own, where the judges and whoever looks after them find it. */
export function layDown(cell: Cell, specimen: Specimen, folder: string): Question {
  mkdirSync(folder, { recursive: true })
  const put = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  const { status, detached = {}, anchors, units, password, at } = specimen
  const known = (kind: 'ocsp' | 'crl') =>
    status.filter(info => info.kind === kind).map(({ der }, index) => put(`${index}.${kind}`, der))
  return {
    id: folder,
    format: cell.format,
    level: cell.level,
    path: put(`signed${specimen.extension}`, specimen.bytes),
    detached: Object.entries(detached).map(([name, bytes]) => put(name, bytes)),
    anchors: anchors.map((der, index) => put(`anchor-${index}.der`, der)),
    units: units.map((der, index) => put(`unit-${index}.der`, der)),
    at: at.toISOString(),
    ocsp: known('ocsp'),
    crl: known('crl'),
    ...(password === undefined ? {} : { password }),
  }
}
