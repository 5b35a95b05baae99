/**
 * PIN and codes at an enrolment: the secret of an authenticator app is made here and shown to the person and to nobody else;
 * it, or the address that codes are sent to, goes to the SAM with the PIN in a box that `server` cannot open
 * (docs/decisions/pin-and-totp.md).
 */
import type { Digest } from '@natsuin/pki/platform'
import {
  type Box,
  closeBox,
  type MeansName,
  mailAddress,
  oneTimeCode,
  pin as pinShape,
  toWire,
} from '@natsuin/protocol/approval'
import { type Shape, writeJson } from '@natsuin/protocol/shape'

const SECRET_BYTES = 20

export const newSecret = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(SECRET_BYTES))

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648, 6, without padding: what people type into an app. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map(group => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

/** The address by which an app on the same device takes the secret over: the "Key URI" that apps agree on. */
export function appAddress(secret: Uint8Array, { name, service }: { name: string; service: string }): string {
  const label = [service, name].map(encodeURIComponent).join(':')
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(service)}`
}

/** What the person has typed. */
export interface Typed {
  readonly pin: string
  readonly again: string
  /** Of the app. */
  readonly code: string
  /** Where codes are sent. */
  readonly address: string
}

export const NOTHING_TYPED: Typed = { pin: '', again: '', code: '', address: '' }

/** Means that are a PIN and where the code comes from. */
export type CodeMeans = Extract<MeansName, 'pinTotp' | 'pinSentCode'>

export const codeMeansIn = (wanted: readonly MeansName[]): CodeMeans | undefined =>
  (['pinTotp', 'pinSentCode'] as const).find(name => wanted.includes(name))

export type Unready = 'pin-form' | 'pin-differs' | 'code-form' | 'address-form'

/** What is still missing. */
export function unready({ pin, again, code, address }: Typed, means: CodeMeans): Unready | undefined {
  if (!has(pinShape, pin)) return 'pin-form'
  if (pin !== again) return 'pin-differs'
  if (means === 'pinTotp') return has(oneTimeCode, code) ? undefined : 'code-form'
  return has(mailAddress, address) ? undefined : 'address-form'
}

function has(shape: Shape<string>, value: string): boolean {
  try {
    return shape(value) === value
  } catch {
    return false
  }
}

/** For this statement alone. @param boxKey the SAM's, from the ticket */
export async function boxedCodes(
  { pin, code, address }: Typed,
  secret: Uint8Array,
  means: CodeMeans,
  { statement, boxKey, digest }: { statement: Uint8Array; boxKey: Uint8Array; digest: Digest },
): Promise<{ readonly [M in CodeMeans]?: { readonly box: Box } }> {
  const content = writeJson(toWire(means === 'pinTotp' ? { pin, secret, code } : { pin, address }))
  const context = Uint8Array.from(await digest.digest('sha256', statement))
  return { [means]: { box: await closeBox(content, boxKey, context) } }
}
