/**
 * Reads the configuration of `authorities` against its table (`schema.ts`), and the SAM key it pins.
 */
import { dirname, join } from 'node:path'
import { fromBase64url } from '@natsuin/pki/encoding'
import { readPublicKey } from '@natsuin/pki/x509'
import {
  besideFile,
  ConfigurationError,
  type ResolvePath,
  readSettings,
  readText,
  resolveHealth,
  resolveListen,
  resolveModule,
  resolveWebListen,
} from '@natsuin/protocol/node'
import { checkFiles } from './check-files.ts'
import { type Configuration, settings } from './schema.ts'

/** The settings with their defaults, paths made absolute, the named files looked at. @throws ConfigurationError */
export function loadConfiguration(file: string): Configuration {
  const configuration = resolvePaths(readSettings(file, settings), besideFile(file))
  checkFiles(configuration)
  return configuration
}

/** DER SubjectPublicKeyInfo of the SAM key, P-256. @throws ConfigurationError */
export function readSamKey({ samKeyFile }: Configuration): Uint8Array {
  const spki = fromBase64url(readText(samKeyFile, 'samKeyFile').trim())
  if (spki === undefined || !isP256(spki)) {
    throw new ConfigurationError([`samKeyFile: ${samKeyFile} is not a P-256 key in base64url`])
  }
  return spki
}

function resolvePaths(values: Configuration, at: ResolvePath): Configuration {
  const crlFile = at(values.crlFile)
  const rootCrlFile = values.rootCrlFile === '' ? join(dirname(crlFile), 'root.crl') : at(values.rootCrlFile)
  if (rootCrlFile === crlFile) {
    throw new ConfigurationError(['rootCrlFile: the same file as crlFile; every authority needs its own'])
  }
  return {
    ...values,
    deployment: values.deployment === '' ? values.name : values.deployment,
    store: { sqlite: at(values.store.sqlite) },
    module: resolveModule(values.module, at),
    listen: resolveListen(values.listen, at),
    public: { ...values.public, ...resolveWebListen(values.public, at) },
    health: resolveHealth(values.health, at),
    samKeyFile: at(values.samKeyFile),
    crlFile,
    rootCrlFile,
  }
}

function isP256(spki: Uint8Array): boolean {
  try {
    return readPublicKey(spki).keyType === 'ec-p256'
  } catch {
    return false
  }
}
