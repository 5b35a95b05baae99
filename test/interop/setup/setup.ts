/**
 * Sets judges and clients up below `.natsuin/interop`, once: what is there already and came from the same files stays.
 * Nothing else of the machine is touched but the caches of pip and Maven, which spare a second download.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { prepareGenerated } from './generated.ts'
import { type JavaProgram, prepareJava } from './java.ts'
import { preparePython } from './python.ts'
import { SetupFailure } from './run.ts'

export const ROOT = join(import.meta.dirname, '..', '..', '..')
export const HOME = join(ROOT, '.natsuin', 'interop')

/** The environment of pyHanko, as a judge and as a client. */
export const PYTHON = join(HOME, 'python')

const JUDGES = join(import.meta.dirname, '..', 'judges')
const CLIENTS = join(import.meta.dirname, '..', 'clients')

const IN_JAVA: readonly JavaProgram[] = [
  { folder: join(JUDGES, 'dss'), source: 'Judge.java' },
  { folder: join(JUDGES, 'digidoc4j'), source: 'Judge.java' },
  { folder: join(CLIENTS, 'eudi'), source: 'Runner.kt' },
]

/** @throws SetupFailure */
export async function setUp(relock: boolean): Promise<void> {
  installPrograms()
  await Promise.all([prepareAllInPython(), prepareAllInJava(relock)])
}

async function prepareAllInPython(): Promise<void> {
  await preparePython(PYTHON, join(JUDGES, 'pyhanko'))
  await preparePython(join(HOME, 'schemathesis'), join(CLIENTS, 'schemathesis'))
}

/** One after the other: Maven does not share its cache with another of it. */
async function prepareAllInJava(relock: boolean): Promise<void> {
  for (const program of IN_JAVA) await prepareJava(HOME, program, relock)
  await prepareGenerated(HOME, { folder: join(CLIENTS, 'generated'), source: 'Runner.java' }, relock)
}

/** In a process of its own: what is in `scripts` is imported by nobody. */
function installPrograms(): void {
  const script = join(ROOT, 'scripts', 'make-ready-for-interop.ts')
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] })
  if (status !== 0)
    throw new SetupFailure('Judges and clients cannot be set up; what is missing is told above.')
}
