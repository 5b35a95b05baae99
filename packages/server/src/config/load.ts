/** Reads the configuration file and every file it names; reports all problems at once and starts on none. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Address } from '@natsuin/protocol/node'
import { Value } from 'typebox/value'
import type { DatabaseLocation } from '../storage/database.ts'
import { type ConfigurationFile, configurationSchema } from './schema.ts'

export interface ClientConfiguration {
  readonly id: string
  readonly name: string
  readonly redirectUris: readonly string[]
  /** Absent for public clients. */
  readonly secret?: string
}

export interface ServerConfiguration {
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly store: DatabaseLocation
  readonly sam: Address
  readonly authorities: Address
  readonly approvalOrigin: string
  readonly secretsDirectory: string
  readonly webRoot: string | undefined
  readonly name: string
  readonly region: string
  readonly description: string
  readonly lang: string
  readonly clients: readonly ClientConfiguration[]
  readonly logLevel: string
}

/** The configuration cannot be used; `problems` has a sentence for each thing to mend. */
export class ConfigurationProblem extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

export function loadConfiguration(file: string): ServerConfiguration {
  const written = parse(file)
  const problems = [...schemaProblems(written)]
  if (problems.length > 0) throw new ConfigurationProblem(problems)
  // The schema has just accepted it.
  const checked = written as ConfigurationFile
  const files = new Files(dirname(resolve(file)), problems)
  const configuration = assemble(checked, files)
  problems.push(...clientProblems(checked))
  if (problems.length > 0) throw new ConfigurationProblem(problems)
  return configuration
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigurationProblem([`${file} is not a readable JSON file: ${(cause as Error).message}`])
  }
}

function schemaProblems(written: unknown): string[] {
  return Value.Errors(configurationSchema, written).map(
    ({ instancePath, message }) => `${instancePath || 'configuration'}: ${message}`,
  )
}

function clientProblems({ clients }: ConfigurationFile): string[] {
  const ids = clients.map(({ client_id }) => client_id)
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i)
  const unclear = clients.filter(
    ({ public: open, secretFile }) => (open === true) === (secretFile !== undefined),
  )
  return [
    ...twice.map(id => `clients: ${id} is there twice`),
    ...unclear.map(({ client_id }) => `clients: ${client_id} needs exactly one of public and secretFile`),
  ]
}

/** Files that the configuration names; a file that cannot be read is one problem more. */
class Files {
  readonly #directory: string
  readonly #problems: string[]

  constructor(directory: string, problems: string[]) {
    this.#directory = directory
    this.#problems = problems
  }

  path(name: string): string {
    return resolve(this.#directory, name)
  }

  read(name: string): string {
    try {
      return readFileSync(this.path(name), 'utf8').trim()
    } catch {
      this.#problems.push(`${name} cannot be read`)
      return ''
    }
  }
}

function assemble(written: ConfigurationFile, files: Files): ServerConfiguration {
  const { store, clients, webRoot, lang = 'en', logLevel = 'info' } = written
  return {
    ...written,
    lang,
    logLevel,
    store:
      'sqlite' in store
        ? { sqlite: files.path(store.sqlite) }
        : { postgres: { url: files.read(store.postgres.urlFile) } },
    sam: address(written.sam, files),
    authorities: address(written.authorities, files),
    secretsDirectory: files.path(written.secretsDirectory),
    webRoot: webRoot === undefined ? undefined : files.path(webRoot),
    clients: clients.map(({ client_id: id, name, redirect_uris: redirectUris, secretFile }) => ({
      id,
      name,
      redirectUris,
      ...(secretFile === undefined ? {} : { secret: files.read(secretFile) }),
    })),
  }
}

function address(peer: ConfigurationFile['sam'], files: Files): Address {
  if ('socket' in peer) return { socket: files.path(peer.socket) }
  const { certificateFile, keyFile, authorityFile } = peer.tls
  const tls = {
    certificate: files.read(certificateFile),
    key: files.read(keyFile),
    authority: files.read(authorityFile),
  }
  return { host: peer.host, port: peer.port, tls }
}
