/** A registration: WebAuthn Level 3, 7.1, the steps that concern someone who was not there. */
import type { Registration } from '@natsuin/protocol/approval'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand } from '../verdict.ts'
import type { Authenticator } from './authenticator.ts'
import { checkAuthenticatorData, HEADER_BYTES } from './authenticator-data.ts'
import { CborError, readCbor, readCborPrefix } from './cbor.ts'
import { checkClientData } from './client-data.ts'
import { readCoseKey } from './cose-key.ts'

const BACKUP_ELIGIBLE = 0x08
const ATTESTED_CREDENTIAL_DATA = 0x40
const AAGUID_BYTES = 16

export interface RegisteredAuthenticator extends Authenticator {
  readonly backupEligible: boolean
}

export async function checkRegistration(
  statement: Uint8Array,
  answer: Registration,
  sam: Sam,
): Promise<RegisteredAuthenticator> {
  await checkClientData(answer.clientDataJSON, 'webauthn.create', statement, sam, 'registration-invalid')
  const data = readAuthenticatorData(answer.attestationObject)
  await checkAuthenticatorData(data, sam, 'registration-invalid')
  return { ...readCredential(data), backupEligible: ((data[32] ?? 0) & BACKUP_ELIGIBLE) !== 0 }
}

function readAuthenticatorData(attestationObject: Uint8Array): Uint8Array {
  const object = reading(() => readCbor(attestationObject))
  const data = object instanceof Map ? object.get('authData') : undefined
  demand(data instanceof Uint8Array, 'registration-invalid', 'no authenticator data')
  return data
}

/** 6.5.1: aaguid, length of the credential id, credential id, COSE key; extensions may follow. */
function readCredential(data: Uint8Array): Authenticator {
  demand(
    ((data[32] ?? 0) & ATTESTED_CREDENTIAL_DATA) !== 0,
    'registration-invalid',
    'no credential in the data',
  )
  const at = HEADER_BYTES + AAGUID_BYTES
  const idLength = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
  const credentialId = data.subarray(at + 2, at + 2 + idLength)
  demand(credentialId.length === idLength, 'registration-invalid', 'the credential id is cut short')
  const key = reading(() => readCborPrefix(data.subarray(at + 2 + idLength)).value)
  const read = readCoseKey(key)
  demand(read !== undefined, 'registration-invalid', 'a key of a kind that is not accepted')
  return { credentialId, ...read }
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CborError)) throw error
    throw new BrokenLink('registration-invalid', error.message)
  }
}
