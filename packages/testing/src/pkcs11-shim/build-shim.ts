/** The shim, built against the headers that come with the PKCS #11 binding. */
import { join } from 'node:path'
import { builtLibrary, MODULES } from '../native/index.ts'

/** The path of the shared library. @throws Error with what the compiler says */
export function builtShim(): string {
  const headers = join(MODULES, 'pkcs11js/includes')
  return builtLibrary('natsuin-pkcs11-shim', join(import.meta.dirname, 'shim.c'), [headers])
}
