/**
 * Reads the configuration file: all problems at once, and no start on doubt.
 *
 * Relative paths are relative to the file. Secrets and pinned keys are named by path and read here.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fromBase64url } from '@natsuin/pki/encoding'
import { readPublicKey } from '@natsuin/pki/x509'
import type { Address } from '@natsuin/protocol/node'
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

/** DER SubjectPublicKeyInfo of the SAM key, P-256. @throws ConfigurationError */
export function readSamKey({ samKeyFile }: Configuration): Uint8Array {
  const spki = fromBase64url(readText(samKeyFile, 'samKeyFile').trim())
  if (spki === undefined || !isP256(spki)) {
    throw new ConfigurationError([`samKeyFile: ${samKeyFile} is not a P-256 key in base64url`])
  }
  return spki
}

/** Where the issuance protocol listens, with the PEM files read. @throws ConfigurationError */
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

/** For the process that holds the PKCS#11 library: makers' libraries find their tokens by variables of their own. */
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
  const member = Object.entries(given).find(([key]) => key === name)
  if (member !== undefined) return setting.shape(member[1], name)
  if (setting.byDefault === undefined) throw new Error(`${name}: missing. ${setting.documentation}`)
  return setting.byDefault
}

function resolvePaths(values: Configuration, base: string): Configuration {
  const at = (path: string) => resolve(base, path)
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
    samKeyFile: at(values.samKeyFile),
    crlFile,
    rootCrlFile,
  }
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

function isP256(spki: Uint8Array): boolean {
  try {
    return readPublicKey(spki).keyType === 'ec-p256'
  } catch {
    return false
  }
}
