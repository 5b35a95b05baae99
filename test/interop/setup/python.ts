/** pyHanko in a virtual environment of its own: exactly the releases of requirements.txt, each with its hash. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'
import { madeFrom } from './stamp.ts'

const REQUIREMENTS = join(import.meta.dirname, '..', 'judges', 'pyhanko', 'requirements.txt')

export async function preparePython(home: string): Promise<void> {
  const folder = join(home, 'python')
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' })
  await madeFrom(folder, [readFileSync(REQUIREMENTS, 'utf8'), python, folder], async () => {
    await run('A virtual environment for pyHanko', ['python3', '-m', 'venv', folder])
    await run('The packages of requirements.txt, from the Python Package Index', [
      ...[join(folder, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', '--no-input'],
      ...['--require-hashes', '--only-binary', ':all:', '-r', REQUIREMENTS],
    ])
  })
}
