/** What of a SAM's configuration is secret, and what it relies on. */
import { fileURLToPath } from 'node:url'
import type { Configuration } from '../config/schema.ts'
import type { Kept } from './check-separation.ts'

/** The packages that run in this process: whoever replaces one of their files is the SAM. */
const PROGRAM = ['sam', 'protocol', 'crypto-module', 'pki'].map(name =>
  fileURLToPath(new URL(`../../../${name}/src`, import.meta.url)),
)

export function keptBy({ store, module, listen, checkpointDirectory }: Configuration): Kept {
  return {
    secret: [
      ...storeFiles(store),
      ...moduleFiles(module),
      ...('socket' in listen ? [] : [listen.tls.keyFile]),
    ],
    relied: [...PROGRAM, process.execPath, checkpointDirectory, ...moduleLibrary(module)],
  }
}

function storeFiles(store: Configuration['store']): string[] {
  return 'sqlite' in store
    ? [store.sqlite, `${store.sqlite}-wal`, `${store.sqlite}-shm`]
    : [store.postgres.urlFile]
}

const moduleFiles = (module: Configuration['module']): string[] =>
  'software' in module ? [module.software.directory] : [module.pkcs11.pinFile]

const moduleLibrary = (module: Configuration['module']): string[] =>
  'software' in module ? [] : [module.pkcs11.modulePath]
