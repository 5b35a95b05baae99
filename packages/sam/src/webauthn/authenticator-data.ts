/**
 * Authenticator data: what the authenticator says about itself. WebAuthn Level 3, 6.1 and 6.5.1.
 *
 * Read to the last byte: what the flags announce must be there, and nothing may follow it.
 */
import { ShapeError } from '@natsuin/protocol/shape'
import { type CborMap, parseCborPrefix } from './cbor.ts'

export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array
  readonly userPresent: boolean
  readonly userVerified: boolean
  readonly backupEligible: boolean
  readonly backupState: boolean
  readonly counter: number
  readonly attested: AttestedCredential | undefined
}

export interface AttestedCredential {
  readonly aaguid: Uint8Array
  readonly credentialId: Uint8Array
  /** COSE_Key (RFC 9052, 7). */
  readonly publicKey: CborMap
}

/** 6.1: bits of the flags byte. Bits 1 and 5 are reserved. */
const FLAG = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backupState: 0x10,
  attested: 0x40,
  extensions: 0x80,
} as const

const HEADER_BYTES = 37
/** 6.5.1: AAGUID of 16 bytes, then the length of the credential id. */
const AAGUID_BYTES = 16
/** WebAuthn Level 3, 7.1: longer credential ids are refused. */
const MAX_CREDENTIAL_ID = 1023

/** @throws ShapeError, CborError */
export function parseAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  if (bytes.length < HEADER_BYTES) throw new ShapeError('authenticatorData', 'at least 37 bytes')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint8(32)
  const { attested, rest } = parseAttested((flags & FLAG.attested) !== 0, bytes.subarray(HEADER_BYTES))
  checkExtensions((flags & FLAG.extensions) !== 0, rest)
  return {
    rpIdHash: bytes.subarray(0, 32),
    userPresent: (flags & FLAG.userPresent) !== 0,
    userVerified: (flags & FLAG.userVerified) !== 0,
    backupEligible: (flags & FLAG.backupEligible) !== 0,
    backupState: (flags & FLAG.backupState) !== 0,
    counter: view.getUint32(33),
    attested,
  }
}

function parseAttested(announced: boolean, bytes: Uint8Array) {
  if (!announced) return { attested: undefined, rest: bytes }
  const [high = 0, low = 0] = bytes.subarray(AAGUID_BYTES)
  const length = high * 0x100 + low
  const idStart = AAGUID_BYTES + 2
  const credentialId = bytes.subarray(idStart, idStart + length)
  if (credentialId.length !== length || length === 0 || length > MAX_CREDENTIAL_ID) {
    throw new ShapeError('authenticatorData', 'a credential id of 1 to 1023 bytes')
  }
  const { item: publicKey, rest } = parseCborPrefix(bytes.subarray(idStart + length))
  if (!(publicKey instanceof Map)) throw new ShapeError('authenticatorData', 'a COSE key')
  return { attested: { aaguid: bytes.subarray(0, AAGUID_BYTES), credentialId, publicKey }, rest }
}

/** Extension outputs are a CBOR map; we asked for none and use none, but they may be there. */
function checkExtensions(announced: boolean, bytes: Uint8Array): void {
  if (!announced) {
    if (bytes.length > 0) throw new ShapeError('authenticatorData', 'nothing after its parts')
    return
  }
  const { item, rest } = parseCborPrefix(bytes)
  if (!(item instanceof Map) || rest.length > 0) {
    throw new ShapeError('authenticatorData', 'one map of extensions')
  }
}
