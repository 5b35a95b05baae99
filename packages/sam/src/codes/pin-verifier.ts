/**
 * What the SAM keeps of a PIN, and how it compares one (threats T-PIN-01).
 *
 * A million PINs are tried in a second by whoever can try them. So they are slow (scrypt, RFC 7914), and the slow result
 * goes through a key that never leaves the crypto module: whoever has the database, even unsealed, has nothing to try
 * them against.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { LABEL } from '../keys/labels.ts'
import { moduleAnswer } from '../keys/module-answer.ts'

/** 32 MiB and about a tenth of a second. */
const COST: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }
const SALT_BYTES = 16
const SLOW_BYTES = 32

export interface PinVerifier {
  readonly salt: Uint8Array
  readonly verifier: Uint8Array
}

/** @throws Refusal `module-unavailable` */
export async function newPinVerifier(module: CryptoModule, pin: string): Promise<PinVerifier> {
  const salt = new Uint8Array(randomBytes(SALT_BYTES))
  return { salt, verifier: await verifierOf(module, pin, salt) }
}

/** @throws Refusal `module-unavailable` */
export async function isPin(module: CryptoModule, pin: string, known: PinVerifier): Promise<boolean> {
  return timingSafeEqual(await verifierOf(module, pin, known.salt), known.verifier)
}

async function verifierOf(module: CryptoModule, pin: string, salt: Uint8Array): Promise<Uint8Array> {
  const message = concat(CONTEXT, salt, await slowly(pin, salt))
  return moduleAnswer(() => module.mac(LABEL.seal, message))
}

/** The key yields other secrets too: what it is asked for says what it is for. */
const CONTEXT = utf8('natsuin-pin-v1\n')

function slowly(pin: string, salt: Uint8Array): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  scrypt(pin, salt, SLOW_BYTES, COST, (error, derived) => (error ? reject(error) : resolve(derived)))
  return promise
}
