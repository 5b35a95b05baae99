/** Builds the shim from its one source, against the headers that come with the PKCS #11 binding; once per source. */
import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, 'shim.c')
const MODULES = join(import.meta.dirname, '../../../../node_modules')
const HEADERS = join(MODULES, 'pkcs11js/includes')
const BUILT = join(MODULES, '.cache/natsuin-pkcs11-shim')

/** The path of the shared library. @throws Error with what the compiler says */
export function builtShim(): string {
  const digest = createHash('sha256').update(readFileSync(SOURCE)).digest('hex')
  const library = join(BUILT, `${digest.slice(0, 16)}.so`)
  if (!existsSync(library)) compileTo(library)
  return library
}

/** Aside, then moved: several test files may build at once. */
function compileTo(library: string): void {
  mkdirSync(BUILT, { recursive: true })
  const aside = join(BUILT, `${randomUUID()}.so`)
  const flags = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-I', HEADERS]
  const { status, stderr, error } = spawnSync('cc', [...flags, '-o', aside, SOURCE, '-ldl', '-lpthread'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the PKCS #11 shim could not be built: ${error?.message ?? stderr}`)
  renameSync(aside, library)
}
