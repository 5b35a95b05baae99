/** Shared libraries of tests, built from one C source each; once per source. */
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

export const MODULES = join(import.meta.dirname, '../../../../node_modules')
const FLAGS = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror']

/** @param includes folders of headers @returns the path of the library @throws Error with what the compiler says */
export function builtLibrary(name: string, source: string, includes: readonly string[] = []): string {
  const folder = join(MODULES, '.cache', name)
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex')
  const library = join(folder, `${digest.slice(0, 16)}.so`)
  if (existsSync(library)) return library
  mkdirSync(folder, { recursive: true })
  // Aside, then moved: several test files may build at once.
  const aside = join(folder, `${randomUUID()}.so`)
  const flags = [...FLAGS, ...includes.flatMap(include => ['-I', include])]
  const { status, stderr, error } = spawnSync('cc', [...flags, '-o', aside, source, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name} could not be built: ${error?.message ?? stderr}`)
  renameSync(aside, library)
  return library
}
