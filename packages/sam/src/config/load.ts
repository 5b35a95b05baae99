/**
 * Reads the configuration file: all problems at once, and no start on doubt.
 *
 * Relative paths are relative to the file. Secrets are named by path and read where they are used.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Address } from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import { type Founding, founding } from '../genesis/founding.ts'
import { type Configuration, type Setting, settings } from './schema.ts'

/** Everything that is wrong with the configuration, a line each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

/** The settings with their defaults, paths made absolute. @throws ConfigurationError */
export function loadConfiguration(file: string): Configuration {
  return resolvePaths(readSettings(readJson(file)), dirname(resolve(file)))
}

/** What genesis is to found. @throws ConfigurationError */
export function loadFounding(file: string): Founding {
  try {
    return founding(readJson(file))
  } catch (error) {
    if (error instanceof ShapeError) throw new ConfigurationError([`${file}: ${error.message}`])
    throw error
  }
}

/** Where SAP is served, with the PEM files read. @throws ConfigurationError */
export function readListenAddress({ listen }: Configuration): Address {
  if ('socket' in listen) return listen
  const { certificateFile, keyFile, authorityFile } = listen.tls
  const tls = {
    certificate: readText(certificateFile, 'listen.tls.certificateFile'),
    key: readText(keyFile, 'listen.tls.keyFile'),
    authority: readText(authorityFile, 'listen.tls.authorityFile'),
  }
  return { host: listen.host, port: listen.port, tls }
}

/** The secret in a file, without the line end. @throws ConfigurationError */
export function readSecret(file: string, setting: string): string {
  return readText(file, setting).trim()
}

/** The environment for the process that loads a PKCS#11 library: such libraries find their token through it. */
export function libraryEnvironment(): Readonly<Record<string, string>> {
  const variables = Object.entries(process.env)
  return Object.fromEntries(
    variables.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function readJson(file: string): object {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigurationError([`${file}: ${error instanceof Error ? error.message : 'unreadable'}`])
  }
  if (typeof value !== 'object' || value === null) throw new ConfigurationError([`${file}: not an object`])
  return value
}

function readSettings(given: object): Configuration {
  const problems = Object.keys(given)
    .filter(name => !Object.hasOwn(settings, name))
    .map(name => `${name}: there is no such setting`)
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    try {
      values[name] = readSetting(given, name, setting)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : `${name}: unreadable`)
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return values as Configuration // each value was shaped by the setting of its name just above
}

function readSetting(given: object, name: string, setting: Setting<unknown>): unknown {
  if (Object.hasOwn(given, name)) return setting.shape((given as Record<string, unknown>)[name], name)
  if (setting.byDefault === undefined) throw new Error(`${name}: missing. ${setting.documentation}`)
  return setting.byDefault
}

function resolvePaths(values: Configuration, base: string): Configuration {
  const at = (path: string) => resolve(base, path)
  const { socket } = values.failpoints
  return {
    ...values,
    store: resolveStore(values.store, at),
    module: resolveModule(values.module, at),
    listen: resolveListen(values.listen, at),
    checkpointFile: at(values.checkpointFile),
    failpoints: { socket: socket === '' ? '' : at(socket) },
  }
}

function resolveStore(store: Configuration['store'], at: (path: string) => string) {
  if ('sqlite' in store) return { sqlite: at(store.sqlite) }
  return { postgres: { urlFile: at(store.postgres.urlFile) } }
}

function resolveModule(module: Configuration['module'], at: (path: string) => string) {
  if ('software' in module) return { software: { directory: at(module.software.directory) } }
  const { modulePath, tokenLabel, pinFile } = module.pkcs11
  return { pkcs11: { modulePath: at(modulePath), tokenLabel, pinFile: at(pinFile) } }
}

function resolveListen(listen: Configuration['listen'], at: (path: string) => string) {
  if ('socket' in listen) return { socket: at(listen.socket) }
  const { certificateFile, keyFile, authorityFile } = listen.tls
  const tls = {
    certificateFile: at(certificateFile),
    keyFile: at(keyFile),
    authorityFile: at(authorityFile),
  }
  return { ...listen, tls }
}

function readText(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError([`${setting}: ${error instanceof Error ? error.message : 'unreadable'}`])
  }
}
