/** Starts a foreign identity provider, and tells what a deployment has to know of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { IdentityProvider } from '@natsuin/protocol/genesis'
import { newKeyPair, spkiOf } from '../keys/index.ts'
import { LOG_INS, type ProviderClient, type ProviderSettings } from './settings.ts'

export interface ForeignProvider {
  /** As the roster names it. Known before the process runs: at genesis its client has no key yet. */
  readonly entry: IdentityProvider
  /** With it one can speak in its name. */
  readonly privateKey: KeyObject
  /** @param logIn where people are sent back to whom another client logs in @throws Error when it does not come up */
  start(client: ProviderClient, logIn?: LogInClient): Promise<void>
  stop(): Promise<void>
}

/** The client that approvals are asked for with. */
export const APPROVAL_CLIENT = 'natsuin-approval'

/** The client that people log in with, to have a list of their credentials and no more. */
export const LOG_IN_CLIENT = 'natsuin-log-in'

export interface LogInClient {
  readonly secret: string
  readonly redirectUri: string
}

/** What it signs with: RS256, as providers do when nobody asked for anything else. */
const KID = 'example-1'

export function createForeignProvider(port: number, id = 'example'): ForeignProvider {
  const { publicKey, privateKey } = newKeyPair('rsa-3072')
  const issuer = `http://localhost:${port}`
  let child: ChildProcess | undefined
  return {
    entry: {
      id,
      name: 'Example ID',
      issuer,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      clientId: APPROVAL_CLIENT,
      keys: [{ kid: KID, algorithm: 'RS256', publicKey: spkiOf(publicKey) }],
      assurances: [{ level: 1 }, twoFactorAt(2), twoFactorAt(3)],
    },
    privateKey,
    async start(client, logIn) {
      const jwk = { ...privateKey.export({ format: 'jwk' }), kid: KID, use: 'sig', alg: 'RS256' }
      child = await launch({
        port,
        issuer,
        jwks: { keys: [jwk] },
        clients: [metadataOf(client), ...(logIn === undefined ? [] : [logInMetadataOf(logIn)])],
      } as ProviderSettings)
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

const twoFactorAt = (level: 2 | 3) => ({ level, acrs: [LOG_INS['two-factor'].acr], amrs: ['otp'] })

function metadataOf({ clientId, key, redirectUri, backchannelLogoutUri }: ProviderClient) {
  return {
    client_id: clientId,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    require_auth_time: true,
    jwks: { keys: [{ ...key, use: 'sig', alg: 'ES256' }] },
    ...(backchannelLogoutUri && { backchannel_logout_uri: backchannelLogoutUri }),
  }
}

function logInMetadataOf({ secret, redirectUri }: LogInClient) {
  return {
    client_id: LOG_IN_CLIENT,
    client_secret: secret,
    redirect_uris: [redirectUri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_basic',
  }
}

/** A SAM key as a provider is given it. @param spki DER SubjectPublicKeyInfo */
export function jwkOf(spki: Uint8Array) {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({ format: 'jwk' })
}

async function launch(settings: ProviderSettings): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=natsuin-source', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(settings))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the foreign provider ended with ${code}`)
  })
  await Promise.race([once(createInterface(child.stdout), 'line'), ended])
  ended.catch(() => {})
  return child
}
