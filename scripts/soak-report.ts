/**
 * What is kept of a soak: when it ran, over which commit, from which seed, and what came of it. One file for each run,
 * in a folder that is not part of the repository; a run that is to be shown to others goes with a release.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Soak {
  readonly startedAt: Date
  /** What was in the folder then: `commitOf` at the beginning. */
  readonly commit: string
  readonly endedAt: Date
  readonly seed: string
  /** Parts of paths that chose the test files; none for all. */
  readonly paths: readonly string[]
  /** The closing lines of the run. */
  readonly lines: readonly string[]
}

/** @returns where it was written, relative to the root */
export function keepReport(root: string, soak: Soak): string {
  const path = join('soak-report', `${soak.startedAt.toISOString().replaceAll(':', '-').slice(0, 19)}.md`)
  mkdirSync(join(root, 'soak-report'), { recursive: true })
  writeFileSync(join(root, path), reportOf(soak))
  return path
}

export function reportOf({ startedAt, endedAt, commit, seed, paths, lines }: Soak): string {
  const hours = ((endedAt.getTime() - startedAt.getTime()) / 3_600_000).toFixed(1)
  const files = paths.length === 0 ? 'all' : paths.join(', ')
  return `# Soak of ${startedAt.toISOString().slice(0, 10)}

| | |
|---|---|
| began | ${startedAt.toISOString()} |
| took | ${hours} hours |
| commit | ${commit} |
| tests | ${files} |
| seed | NATSUIN_SEED=${seed} |
| Node | ${process.version} |

${lines.map(line => `- ${line}`).join('\n')}
`
}

/** With a mark when there is more in the folder than the commit; `unknown` where there is no repository. */
export function commitOf(root: string): string {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
    cwd: root,
    encoding: 'utf8',
  })
  return stdout?.trim() || 'unknown'
}
