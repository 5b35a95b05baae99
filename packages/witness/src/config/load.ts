/** Reads the configuration of `witness` against its table (`schema.ts`), and the keys of the logs. */
import { fromBase64url } from '@natsuin/pki/encoding'
import {
  besideFile,
  ConfigurationError,
  problemsOfWebListen,
  type ResolvePath,
  readSettings,
  readText,
  resolveHealth,
  resolveWebListen,
} from '@natsuin/protocol/node'
import type { KnownLogs } from '../witness.ts'
import { type Configuration, settings } from './schema.ts'

/** The settings with their defaults, paths made absolute. @throws ConfigurationError */
export function loadConfiguration(file: string): Configuration {
  const configuration = resolvePaths(readSettings(file, settings), besideFile(file))
  const { listen, publicUrl } = configuration
  // What is cosigned is signed by its log and in no way secret.
  const problems = [...problemsOfWebListen('listen', listen, { publicUrl, clear: 'allowed' })]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return configuration
}

/** The key of each log by its origin. @throws ConfigurationError */
export function readLogs({ logs }: Configuration): KnownLogs {
  const known = new Map<string, Uint8Array>()
  for (const { keyFile, origins } of logs) {
    const key = fromBase64url(readText(keyFile, 'logs.keyFile').trim())
    if (key === undefined) throw new ConfigurationError([`logs: ${keyFile} is not a key in base64url`])
    for (const origin of origins) {
      if (known.has(origin)) throw new ConfigurationError([`logs: ${origin} is there twice`])
      known.set(origin, key)
    }
  }
  return known
}

function resolvePaths(values: Configuration, at: ResolvePath): Configuration {
  return {
    ...values,
    listen: resolveWebListen(values.listen, at),
    health: resolveHealth(values.health, at),
    keyFile: at(values.keyFile),
    directory: at(values.directory),
    logs: values.logs.map(log => ({ ...log, keyFile: at(log.keyFile) })),
  }
}
