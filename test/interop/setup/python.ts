/** A program in Python in a virtual environment of its own: exactly the releases of requirements.txt, each with its hash. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'
import { madeFrom } from './stamp.ts'

/** @param folder  ours, with requirements.txt; @param place  where the environment is made */
export async function preparePython(place: string, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt')
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' })
  await madeFrom(place, [readFileSync(requirements, 'utf8'), python, place], async () => {
    await run('A virtual environment', ['python3', '-m', 'venv', place])
    await run(`The packages of ${requirements}, from the Python Package Index`, [
      ...[join(place, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', '--no-input'],
      ...['--require-hashes', '--only-binary', ':all:', '-r', requirements],
    ])
  })
}

/** The release that a requirements.txt is there for. */
export function versionInRequirements(folder: string, name: string): string {
  const requirements = readFileSync(join(folder, 'requirements.txt'), 'utf8')
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(requirements)?.[1] ?? ''
}
