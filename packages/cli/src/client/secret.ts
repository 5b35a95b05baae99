/** Secrets of applications: made here, shown once, kept in files that the server's user alone can read. */
import { randomBytes } from 'node:crypto'
import { type Registration, type Registrations, writeSecret } from './registrations.ts'

/** 256 bits: what nobody guesses, and what an `account_token` may be keyed with. */
const SECRET_BYTES = 32

export interface NewSecret {
  /** What the registration says. */
  readonly secretFile: string
  readonly secret: string
}

/** In a file of its own, numbered, so that the one before stays what it is. */
export function newSecret(registrations: Registrations, { client_id, secretFile }: Registration): NewSecret {
  const [, number = '0'] = /\.(\d+)\.secret$/.exec(String(secretFile ?? '')) ?? []
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  const name = `${client_id}.${Number(number) + 1}.secret`
  return { secretFile: writeSecret(registrations, name, secret), secret }
}

export function secretLines(secret: string): readonly string[] {
  return [
    '',
    'Its secret, which is shown this once and kept in no other place but the server:',
    '',
    `  ${secret}`,
    '',
  ]
}
