/**
 * Sets the judges up below `.natsuin/interop`, once: what is there already and came from the same files stays. Nothing
 * else of the machine is touched but the caches of pip and Maven, which spare a second download.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { prepareJava } from './java.ts'
import { preparePython } from './python.ts'
import { SetupFailure } from './run.ts'

export const ROOT = join(import.meta.dirname, '..', '..', '..')
export const HOME = join(ROOT, '.natsuin', 'interop')

/** @throws SetupFailure */
export async function setUpJudges(relock: boolean): Promise<void> {
  installPrograms()
  await Promise.all([preparePython(HOME), prepareJudgesInJava(relock)])
}

/** One after the other: Maven does not share its cache with another of it. */
async function prepareJudgesInJava(relock: boolean): Promise<void> {
  await prepareJava(HOME, 'dss', relock)
  await prepareJava(HOME, 'digidoc4j', relock)
}

/** In a process of its own: what is in `scripts` is imported by nobody. */
function installPrograms(): void {
  const script = join(ROOT, 'scripts', 'make-ready-for-interop.ts')
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new SetupFailure('The judges cannot be set up; what is missing is told above.')
}
