/** Reads the configuration of `sam` against its table (`schema.ts`), and what genesis is to found. */
import {
  besideFile,
  ConfigurationError,
  type ResolvePath,
  readJsonFile,
  readSettings,
  resolveHealth,
  resolveListen,
  resolveModule,
} from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import { type Founding, founding } from '../genesis/founding.ts'
import { checkFiles } from './check-files.ts'
import { type Configuration, settings } from './schema.ts'

/** The settings with their defaults, paths made absolute, the named files looked at. @throws ConfigurationError */
export function loadConfiguration(file: string): Configuration {
  const configuration = resolvePaths(readSettings(file, settings), besideFile(file))
  checkFiles(configuration)
  return configuration
}

/** What genesis is to found. @throws ConfigurationError */
export function loadFounding(file: string): Founding {
  try {
    return founding(readJsonFile(file))
  } catch (error) {
    if (error instanceof ShapeError) throw new ConfigurationError([`${file}: ${error.message}`])
    throw error
  }
}

function resolvePaths(values: Configuration, at: ResolvePath): Configuration {
  return {
    ...values,
    store: resolveStore(values.store, at),
    module: resolveModule(values.module, at),
    listen: resolveListen(values.listen, at),
    health: resolveHealth(values.health, at),
    checkpointDirectory: at(values.checkpointDirectory),
    keyWitnessFile: values.keyWitnessFile === '' ? '' : at(values.keyWitnessFile),
    archiveDirectory: values.archiveDirectory === '' ? '' : at(values.archiveDirectory),
    administration: resolveSocket(values.administration, at),
    failpoints: resolveSocket(values.failpoints, at),
  }
}

/** An empty path is no socket. */
function resolveSocket({ socket }: { readonly socket: string }, at: ResolvePath) {
  return { socket: socket === '' ? '' : at(socket) }
}

function resolveStore(store: Configuration['store'], at: ResolvePath): Configuration['store'] {
  if ('sqlite' in store) return { sqlite: at(store.sqlite) }
  return { postgres: { urlFile: at(store.postgres.urlFile) } }
}
