/**
 * The server's own secrets: made once by `init`, read at start, never made implicitly (style 2.9).
 *
 * None of them can make a signature: they sign cookies, seal handles in the database, and sign nothing else
 * but the OAuth metadata's mandatory key set.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64url } from '@natsuin/pki/encoding'
import { ConfigurationError, replaceFile } from '@natsuin/protocol/node'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

export interface Secrets {
  /** Newest first: the first signs, all verify. */
  readonly cookieKeys: readonly string[]
  /** 32 bytes, AES-256-GCM. */
  readonly sealingKey: Uint8Array
  /** 32 bytes, HMAC-SHA-256. */
  readonly finishKey: Uint8Array
  /** 32 bytes; nonces of DPoP proofs are made of it. */
  readonly proofNonceKey: Uint8Array
  /** 32 bytes; what belongs to a log-in at an identity provider is made of it. */
  readonly logInKey: Uint8Array
  readonly jwks: { readonly keys: readonly JWK[] }
}

const FILE = 'secrets.json'

/** Makes the secrets. @throws ConfigurationError when they are there already */
export async function initSecrets(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const secrets = {
    cookieKeys: [random()],
    sealingKey: random(),
    finishKey: random(),
    jwks: { keys: [await newSigningKey()] },
  }
  try {
    writeFileSync(join(directory, FILE), JSON.stringify(secrets), { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    throw new ConfigurationError([
      `${directory} holds secrets already, or cannot be written: ${String(cause)}`,
    ])
  }
}

/** How many of a kind there are: the present one, and the one before. */
const KEPT = 2

/**
 * Puts a new signing key and a new cookie key in front. The ones before still verify, and are published, until the next
 * time. A running server has read its secrets: it takes these over when it is started again.
 * @throws ConfigurationError
 */
export async function rotateSecrets(directory: string): Promise<void> {
  loadSecrets(directory)
  const { cookieKeys = [], jwks, ...others } = parse(directory)
  const rotated = {
    ...others,
    cookieKeys: [random(), ...cookieKeys].slice(0, KEPT),
    jwks: { keys: [await newSigningKey(), ...(jwks?.keys ?? [])].slice(0, KEPT) },
  }
  await replaceFile(join(directory, FILE), JSON.stringify(rotated), 0o600)
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }
}

/** @throws ConfigurationError when they are not there or not whole */
export function loadSecrets(directory: string): Secrets {
  const { cookieKeys, sealingKey, finishKey, jwks } = parse(directory)
  const [sealing, finish] = [sealingKey, finishKey].map(text => fromBase64url(text ?? ''))
  const whole = cookieKeys?.length && sealing?.length === 32 && finish?.length === 32 && jwks?.keys.length
  if (!whole) throw new ConfigurationError([`${directory}/${FILE} is not whole`])
  return {
    cookieKeys,
    sealingKey: sealing,
    finishKey: finish,
    proofNonceKey: derived(finish, 'DPoP nonces'),
    logInKey: derived(finish, 'delegated log-ins'),
    jwks,
  }
}

type SecretsFile = Partial<{
  cookieKeys: string[]
  sealingKey: string
  finishKey: string
  jwks: { keys: JWK[] }
}>

function parse(directory: string): SecretsFile {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as SecretsFile
  } catch {
    throw new ConfigurationError([`${directory} holds no secrets; make them with the command init`])
  }
}

/** A key of its own for a purpose that came later than the file. */
function derived(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', purpose, 32))
}

function random(): string {
  return randomBytes(32).toString('base64url')
}
