/**
 * `npm run coverage`: every branch of the SAM's checks, of an activation and of its log is taken by one of the SAM's own
 * tests; exit code 1 and the lines of those that are not. A minute or two.
 */
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { ROOT } from './launch.mjs'
import { prepareMachine } from './prerequisites.ts'

const SAM = 'packages/sam/src'
/** Where a branch that no test takes is a "no" that nobody has seen. */
const FOLDERS = ['sad', 'activation', 'audit'].map(name => `${SAM}/${name}/**/*.ts`)

/** A file as node's report has it: branches that ran, and how often. */
export interface CoveredFile {
  readonly path: string
  readonly branches: readonly { readonly line: number; readonly count: number }[]
}

/** `path:line` of every branch that no test took. */
export function untaken(files: readonly CoveredFile[]): string[] {
  return files.flatMap(({ path, branches }) =>
    branches.filter(({ count }) => count === 0).map(({ line }) => `${relative(ROOT, path)}:${line}`),
  )
}

/** Runs the SAM's tests. @returns what is not as it should be, a line each */
async function measure(): Promise<string[]> {
  const stream = run({
    cwd: ROOT,
    files: globSync(`${SAM}/**/*.test.ts`, { cwd: ROOT }).map(path => join(ROOT, path)),
    concurrency: availableParallelism(),
    coverage: true,
    coverageIncludeGlobs: FOLDERS,
    coverageExcludeGlobs: ['**/*.test.ts'],
  })
  const problems: string[] = []
  stream.on('test:fail', ({ name }) => problems.push(`failed: ${name}`))
  stream.on('test:coverage', ({ summary }) => {
    if (summary.files.length === 0) problems.push('nothing was covered')
    problems.push(...untaken(summary.files).map(where => `no test takes this branch: ${where}`))
  })
  // The events come while the stream is read.
  for await (const _ of stream);
  return problems
}

if (import.meta.main) {
  const unready = prepareMachine()
  const problems = unready === undefined ? await measure() : [unready]
  for (const problem of problems) console.log(problem)
  if (problems.length === 0) console.log(`every branch of ${FOLDERS.join(', ')} is taken by a test`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
