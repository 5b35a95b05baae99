/** Authenticator data as authenticators write it: WebAuthn Level 3, 6.1. */
import { createHash } from 'node:crypto'
import { concat, utf8 } from '@natsuin/pki/encoding'

export interface Flags {
  readonly userPresent: boolean
  readonly userVerified: boolean
  readonly backupEligible: boolean
  readonly backupState: boolean
}

export interface AttestedCredential {
  /** The model; zeros for an authenticator that does not say. */
  readonly aaguid: Uint8Array
  readonly credentialId: Uint8Array
  readonly coseKey: Uint8Array
}

/** WebAuthn Level 3, 6.1: bits 0, 2, 3, 4 and 6 of the flags. */
const FLAG = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backupState: 0x10,
  attestedCredential: 0x40,
} as const

export function writeAuthenticatorData(
  rpId: string,
  flags: Flags,
  counter: number,
  attested?: AttestedCredential,
): Uint8Array<ArrayBuffer> {
  const rpIdHash = createHash('sha256').update(utf8(rpId)).digest()
  return concat(
    rpIdHash,
    Uint8Array.of(flagByte(flags, attested)),
    bigEndian(counter, 4),
    attestedData(attested),
  )
}

function flagByte(flags: Flags, attested: AttestedCredential | undefined): number {
  const set = (['userPresent', 'userVerified', 'backupEligible', 'backupState'] as const).filter(
    name => flags[name],
  )
  return set.reduce((byte, name) => byte | FLAG[name], attested === undefined ? 0 : FLAG.attestedCredential)
}

/** 6.5.1: AAGUID, length, credential id, key. */
function attestedData(attested: AttestedCredential | undefined): Uint8Array {
  if (attested === undefined) return new Uint8Array()
  const { aaguid, credentialId, coseKey } = attested
  return concat(aaguid, bigEndian(credentialId.length, 2), credentialId, coseKey)
}

function bigEndian(value: number, size: 2 | 4): Uint8Array {
  const field = new Uint8Array(4)
  new DataView(field.buffer).setUint32(0, value)
  return field.subarray(4 - size)
}
