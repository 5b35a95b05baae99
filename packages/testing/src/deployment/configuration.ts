/** The configuration files of the four processes, written from the plan at every start. */
import { createPublicKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientKey, Wire } from '@natsuin/protocol/approval'
import { furtherSams, type Member, type Plan, type SamName, urlsOf } from './plan.ts'

/** Path of a process's configuration file. */
export function configurationOf(directory: string, name: Member): string {
  return join(directory, `${name}.json`)
}

export function writeConfigurations(directory: string, plan: Plan): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const files: Record<string, object> = {
    ...Object.fromEntries(furtherSams(plan).map(name => [name, samConfiguration(directory, plan, name)])),
    sam: samConfiguration(directory, plan, 'sam'),
    authorities: authoritiesConfiguration(directory, plan),
    server: serverConfiguration(directory, plan),
    sic: sicConfiguration(directory, plan),
  }
  for (const [name, configuration] of Object.entries(files)) {
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(configuration, null, 2), { mode: 0o600 })
  }
}

function samConfiguration(directory: string, plan: Plan, name: 'sam' | SamName): object {
  return {
    instance: name === 'sam' ? 'sam-1' : name,
    store:
      plan.store === 'sqlite'
        ? { sqlite: 'sam/sam.db' }
        : { postgres: { urlFile: secret(directory, 'sam-store', plan.store.sam) } },
    module: moduleOf(plan, 'sam'),
    listen: { socket: `${name}.sock` },
    administration: { socket: `${name}-administration.sock` },
    health: { socket: `${name}-health.sock` },
    checkpointDirectory: `${name}/checkpoints`,
    logOrigin: `natsuin.example/${plan.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    ...(name === 'sam' && plan.failpoints !== undefined && { failpoints: { socket: plan.failpoints } }),
  }
}

function authoritiesConfiguration(directory: string, plan: Plan): object {
  return {
    name: plan.name,
    country: 'JP',
    organization: plan.name,
    store: { sqlite: 'authorities/authorities.db' },
    module: moduleOf(plan, 'authorities'),
    listen: { socket: 'authorities.sock' },
    health: { socket: 'authorities-health.sock' },
    public: { host: '127.0.0.1', port: plan.ports.authorities, baseUrl: urlsOf(plan).authorities },
    samKeyFile: samKeyFile(directory),
    maxLevel: plan.maxLevel,
    requestsPerMinute: 10_000_000,
    crlFile: 'authorities/issuing.crl',
  }
}

function serverConfiguration(directory: string, plan: Plan): object {
  const urls = urlsOf(plan)
  return {
    name: plan.name,
    region: 'JP',
    description: 'Remote signing under the sole control of the signer',
    publicUrl: urls.server,
    listen: { host: '127.0.0.1', port: plan.ports.server, ...(plan.tls && { tls: plan.tls }) },
    health: { socket: 'server-health.sock' },
    store:
      plan.store === 'sqlite'
        ? { sqlite: 'server/server.db' }
        : { postgres: { urlFile: secret(directory, 'server-store', plan.store.server) } },
    sam: [plan.detours?.sam ?? 'sam.sock', ...furtherSams(plan).map(name => `${name}.sock`)].map(socket => ({
      socket,
    })),
    authorities: { socket: plan.detours?.authorities ?? 'authorities.sock' },
    approvalOrigin: urls.approval,
    secretsDirectory: 'server/secrets',
    webRoot: bundle('web'),
    clients: plan.clients.map(({ id, name, redirectUris, keys, secret: own, registration }) => ({
      client_id: id,
      name,
      redirect_uris: redirectUris,
      ...(keys && { jwks: { keys: keys.map(jwkOf) } }),
      ...(own === undefined ? { public: true } : { secretFile: secret(directory, `client-${id}`, own) }),
      ...registration,
    })),
    clientsDirectory: clientsDirectory(directory),
    ...(plan.profile !== undefined && { profile: plan.profile }),
    ...plan.server,
    ...(plan.logLevel !== undefined && { logLevel: plan.logLevel }),
    limits: plan.limits ?? UNLIMITED,
  }
}

/** A test asks more in a minute than anybody else. */
const UNLIMITED = {
  inFlight: 10_000,
  connectionsPerAddress: 10_000,
  perMinute: { address: 10_000_000, guesses: 10_000_000, client: 10_000_000, signer: 10_000_000 },
}

function jwkOf({ kid, publicKey }: Wire<ClientKey>): object {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' })
  return { ...key.export({ format: 'jwk' }), kid }
}

function sicConfiguration(directory: string, plan: Plan): object {
  const urls = urlsOf(plan)
  return {
    listen: { host: '127.0.0.1', port: plan.ports.approval },
    health: { socket: 'sic-health.sock' },
    origin: urls.approval,
    bundle: bundle('sic'),
    deployment: { samKeyFile: samKeyFile(directory), serverOrigin: urls.server, deployment: plan.name },
  }
}

/** Each process has its own keys: a directory, or a token of its own. */
function moduleOf({ module }: Plan, owner: 'sam' | 'authorities'): object {
  if (module === 'software') return { software: { directory: `${owner}/keys` } }
  const { modulePath, tokenLabel, pinFile } = module[owner]
  return { pkcs11: { modulePath, tokenLabel, pinFile } }
}

/** Where further applications may be registered while it runs. */
export function clientsDirectory(directory: string): string {
  const path = join(directory, 'clients')
  mkdirSync(path, { recursive: true })
  return path
}

/** Secrets are given as paths: the URL of a database holds its password. */
function secret(directory: string, name: string, value: string): string {
  const path = join(directory, `${name}.url`)
  writeFileSync(path, value, { mode: 0o600 })
  return path
}

export function samKeyFile(directory: string): string {
  return join(directory, 'sam-key.txt')
}

function bundle(name: 'sic' | 'web'): string {
  return fileURLToPath(new URL(`../../../${name}/dist`, import.meta.url))
}
