/** Reads the configuration file and every file it names; reports all problems at once and starts on none. */

import type { Certificate } from '@natsuin/pki/x509'
import {
  type Address,
  besideFile,
  ConfigurationError,
  type HealthSetting,
  problemsOfListen,
  problemsOfSecret,
  problemsOfWebListen,
  type ResolvePath,
  readListenAddress,
  readSettings,
  readText,
  resolveHealth,
  resolveListen,
  resolveWebListen,
  type WebListen,
} from '@natsuin/protocol/node'
import { type Delivery, problemsOfDelivery, readDelivery, resolveDelivery } from '../delivery/setting.ts'
import type { DatabaseLocation } from '../storage/database.ts'
import { problemsOfAuthorities, readAuthorities } from './client-authorities.ts'
import { type ClientConfiguration, problemsOfClient, readClient, resolveClient } from './clients.ts'
import { problemsOfDirectory } from './clients-directory.ts'
import { type Limits, resolveLimits } from './limits.ts'
import {
  type LogInProviderConfiguration,
  problemsOfLogInProviders,
  readLogInProvider,
  resolveLogInProvider,
} from './log-in-providers.ts'
import { type ConfigurationFile, settings } from './schema.ts'

export interface ServerConfiguration {
  readonly publicUrl: string
  readonly listen: WebListen
  readonly health: HealthSetting
  readonly store: DatabaseLocation
  /** One of each SAM. */
  readonly sam: readonly Address[]
  readonly authorities: Address
  readonly approvalOrigin: string
  readonly secretsDirectory: string
  readonly webRoot: string | undefined
  readonly name: string
  readonly region: string
  readonly description: string
  readonly lang: string
  readonly specs: ClientConfiguration['specs']
  readonly clients: readonly ClientConfiguration[]
  readonly clientsDirectory: string | undefined
  readonly logInProviders: readonly LogInProviderConfiguration[]
  /** Of those who issue TLS certificates to clients. */
  readonly clientAuthorities: readonly Certificate[]
  /** A header only where proxies alone may connect. */
  readonly clientCertificates: ConfigurationFile['clientCertificates']
  readonly limits: Limits
  readonly profile: 'standard' | 'fapi2'
  readonly maxDocumentBytes: number
  /** Empty: a fresh one among the temporary files. */
  readonly documentsDirectory: string
  readonly ownHosts: readonly string[]
  /** Undefined: nobody logs in with a password. */
  readonly logInClient: string | undefined
  readonly implicitWaitSeconds: number
  readonly codeDelivery: Delivery
  readonly logLevel: string
}

/** @throws ConfigurationError */
export function loadConfiguration(file: string): ServerConfiguration {
  const at = besideFile(file)
  const written = resolvePaths(readSettings(file, settings), at)
  const problems = [...fileProblems(written), ...certificateProblems(written), ...clientProblems(written)]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return readFiles(written)
}

function resolvePaths(written: ConfigurationFile, at: ResolvePath): ConfigurationFile {
  const {
    store,
    sam,
    authorities,
    secretsDirectory,
    webRoot,
    clients,
    clientsDirectory,
    documentsDirectory,
  } = written
  return {
    ...written,
    listen: resolveWebListen(written.listen, at),
    health: resolveHealth(written.health, at),
    store:
      'sqlite' in store
        ? { sqlite: at(store.sqlite) }
        : { postgres: { urlFile: at(store.postgres.urlFile) } },
    sam: sam.map(one => resolveListen(one, at)),
    authorities: resolveListen(authorities, at),
    secretsDirectory: at(secretsDirectory),
    webRoot: webRoot === '' ? '' : at(webRoot),
    clients: clients.map(client => resolveClient(client, at)),
    logInProviders: written.logInProviders.map(one => resolveLogInProvider(one, at)),
    clientsDirectory: clientsDirectory === '' ? '' : at(clientsDirectory),
    clientAuthoritiesFile: written.clientAuthoritiesFile === '' ? '' : at(written.clientAuthoritiesFile),
    documentsDirectory: documentsDirectory === '' ? '' : at(documentsDirectory),
    codeDelivery: resolveDelivery(written.codeDelivery, at),
  }
}

function* fileProblems(written: ConfigurationFile): Generator<string> {
  const { publicUrl, listen, store, sam, authorities } = written
  yield* problemsOfWebListen('listen', listen, { publicUrl, clear: 'refused' })
  if ('postgres' in store) yield* problemsOfSecret('store.postgres.urlFile', store.postgres.urlFile)
  for (const one of sam) yield* problemsOfListen('sam', one)
  yield* problemsOfListen('authorities', authorities)
  yield* problemsOfLogInProviders(written.logInProviders)
  const { clientAuthoritiesFile: file } = written
  if (file !== '') yield* problemsOfAuthorities('clientAuthoritiesFile', file)
  yield* problemsOfDelivery(written.codeDelivery)
}

/** Whoever connects writes headers as he likes, unless he is a proxy that we know. */
function* certificateProblems({ clientCertificates: source, listen }: ConfigurationFile): Generator<string> {
  if ('header' in source && listen.proxies === undefined) {
    yield 'clientCertificates: a header needs listen.proxies, the only ones that may set it'
  }
  if ('from' in source && source.from === 'tls' && listen.tls === undefined) {
    yield 'clientCertificates: tls needs listen.tls'
  }
}

function* clientProblems(written: ConfigurationFile): Generator<string> {
  const { clients, clientsDirectory, clientCertificates: source, logInClient } = written
  const ids = clients.map(({ client_id }) => client_id)
  for (const [i, client] of clients.entries()) {
    const { client_id: id } = client
    if (ids.indexOf(id) !== i) yield `clients: ${id} is there twice`
    yield* problemsOfClient(`clients: ${id}`, client)
    if (client.tls !== undefined && 'from' in source && source.from === 'nowhere') {
      yield `clients: ${id}: tls needs clientCertificates`
    }
  }
  if (clientsDirectory !== '') yield* problemsOfDirectory(clientsDirectory, ids)
  if (logInClient !== '')
    yield* problemsOfLogInClient(clients.find(({ client_id }) => client_id === logInClient))
}

/** Tokens for a password are bound to nothing. */
function* problemsOfLogInClient(client: ConfigurationFile['clients'][number] | undefined): Generator<string> {
  if (client === undefined) yield 'logInClient: is not among clients'
  if (client?.boundTokens === 'required' || client?.profile === 'fapi2') {
    yield 'logInClient: tokens of this client have to be bound, and these are not'
  }
}

function readFiles(written: ConfigurationFile): ServerConfiguration {
  const { store, sam, authorities, webRoot, clients, clientsDirectory, limits } = written
  const { clientAuthoritiesFile } = written
  return {
    ...written,
    store:
      'sqlite' in store
        ? store
        : { postgres: { url: read(store.postgres.urlFile, 'store.postgres.urlFile') } },
    sam: sam.map(one => readListenAddress(one, 'sam')),
    authorities: readListenAddress(authorities, 'authorities'),
    webRoot: webRoot === '' ? undefined : webRoot,
    clients: clients.map(readClient),
    logInProviders: written.logInProviders.map(readLogInProvider),
    limits: resolveLimits(limits),
    clientsDirectory: clientsDirectory === '' ? undefined : clientsDirectory,
    clientAuthorities: clientAuthoritiesFile === '' ? [] : readAuthorities(clientAuthoritiesFile),
    logInClient: written.logInClient === '' ? undefined : written.logInClient,
    codeDelivery: readDelivery(written.codeDelivery),
  }
}

const read = (file: string, setting: string): string => readText(file, setting).trim()
