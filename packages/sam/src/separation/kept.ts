/** What of a SAM's configuration is secret, and what it relies on. */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Configuration } from '../config/schema.ts'
import type { Kept } from './check-separation.ts'

/** The packages that run in this process: whoever replaces one of their files is the SAM. */
const PROGRAM = ['sam', 'protocol', 'crypto-module', 'pki'].map(name =>
  fileURLToPath(new URL(`../../../${name}/src`, import.meta.url)),
)

export function keptBy(configuration: Configuration): Kept {
  const { store, module, listen, checkpointDirectory, archiveDirectory, keyWitnessFile } = configuration
  return {
    secret: [
      ...storeFiles(store),
      ...moduleFiles(module),
      ...('socket' in listen ? [] : [listen.tls.keyFile]),
    ],
    relied: [
      ...PROGRAM,
      process.execPath,
      checkpointDirectory,
      ...moduleLibrary(module),
      ...(keyWitnessFile === '' ? [] : [keyWitnessFile]),
      ...(archiveDirectory === '' ? [] : [archiveDirectory]),
    ],
  }
}

function storeFiles(store: Configuration['store']): string[] {
  return 'sqlite' in store
    ? [store.sqlite, `${store.sqlite}-wal`, `${store.sqlite}-shm`]
    : [store.postgres.urlFile]
}

function moduleFiles(module: Configuration['module']): string[] {
  if ('software' in module) return [module.software.directory]
  const { pinFile, reserves = [] } = module.pkcs11
  return [pinFile, ...reserves.map(one => one.pinFile)].filter(file => file !== undefined)
}

/** Whoever puts a socket in place of the one where shares are brought is brought them. */
function moduleLibrary(module: Configuration['module']): string[] {
  if ('software' in module) return []
  const { modulePath, pinShares, backupFile } = module.pkcs11
  const shares = pinShares === undefined ? [] : [pinShares.file, dirname(pinShares.socket)]
  return [modulePath, ...shares, ...(backupFile === undefined ? [] : [backupFile])]
}
