/**
 * Registrations: the authenticator that a person wants to approve with. WebAuthn Level 3, 7.1.
 *
 * Attestation statements are judged where the class says which models it accepts, else only read. What ties the
 * authenticator to the person is the enrolment key's signature over the whole registration (sole-control 6).
 */
import { digestSync } from '@natsuin/pki/node'
import type { Registration } from '@natsuin/protocol/approval'
import type { AcceptedAuthenticators } from '@natsuin/protocol/genesis'
import { ShapeError } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import { checkAttestation } from './attestation/check-attestation.ts'
import { parseAuthenticatorData } from './authenticator-data.ts'
import { CborError, parseCbor } from './cbor.ts'
import { checkCeremony, type RelyingParty } from './ceremony-rules.ts'
import { parseClientData } from './client-data.ts'
import { type AuthenticatorKey, importCoseKey } from './cose-key.ts'

/** What an authenticator shows of itself when it is registered. */
export interface RegisteredAuthenticator extends AuthenticatorKey {
  readonly credentialId: Uint8Array
  readonly counter: number
  readonly backupEligible: boolean
  /** WebAuthn Level 3, 6.5.1: 16 bytes, zeros when it does not say its model. */
  readonly aaguid: Uint8Array
}

/** @throws Refusal with a code of the ceremony's rules, `registration-invalid` or `malformed` */
export function checkRegistration(
  registration: Registration,
  expected: { readonly challenge: Uint8Array; readonly relyingParty: RelyingParty },
): RegisteredAuthenticator {
  const { clientData, authenticatorData } = parse(registration)
  checkCeremony({ type: 'webauthn.create', ...expected, clientData, authenticatorData })
  const { attested, counter, backupEligible } = authenticatorData
  if (attested === undefined) throw refuse('registration-invalid')
  const key = importCoseKey(attested.publicKey)
  if (key === undefined) throw refuse('registration-invalid')
  const { credentialId, aaguid } = attested
  return { credentialId, ...key, counter, backupEligible, aaguid }
}

/**
 * As `checkRegistration`, by a model that is accepted.
 *
 * @param accepted undefined: any model, without attestation
 * @param at the SAM's time
 * @throws Refusal also `authenticator-not-attested`
 */
export async function checkAttestedRegistration(
  registration: Registration,
  expected: { readonly challenge: Uint8Array; readonly relyingParty: RelyingParty },
  { accepted, at }: { readonly accepted: AcceptedAuthenticators | undefined; readonly at: Date },
): Promise<RegisteredAuthenticator> {
  const authenticator = checkRegistration(registration, expected)
  if (accepted === undefined) return authenticator
  const { format, statement, data } = parseAttestationObject(registration.attestationObject)
  const clientDataHash = digestSync('sha256', registration.clientDataJSON)
  const { aaguid, publicKey } = authenticator
  const object = { format, statement, authenticatorData: data, clientDataHash, aaguid, publicKey }
  await checkAttestation(object, accepted, at)
  return authenticator
}

/** The credential id that it registers, without looking at anything else. @throws Refusal `malformed`, `registration-invalid` */
export function credentialIdIn(registration: Registration): Uint8Array {
  const { attested } = parse(registration).authenticatorData
  if (attested === undefined) throw refuse('registration-invalid')
  return attested.credentialId
}

function parse({ clientDataJSON, attestationObject }: Registration) {
  try {
    const clientData = parseClientData(clientDataJSON)
    const { data } = parseAttestationObject(attestationObject)
    return { clientData, authenticatorData: parseAuthenticatorData(data) }
  } catch (error) {
    if (error instanceof CborError || error instanceof ShapeError) {
      throw refuse('malformed', {}, { cause: error })
    }
    throw error
  }
}

/** WebAuthn Level 3, 6.5.4: a map of exactly `fmt`, `attStmt` and `authData`. */
function parseAttestationObject(bytes: Uint8Array) {
  const object = parseCbor(bytes)
  if (!(object instanceof Map) || object.size !== 3)
    throw new ShapeError('attestationObject', 'its three members')
  const [format, statement, data] = ['fmt', 'attStmt', 'authData'].map(name => object.get(name))
  if (typeof format !== 'string' || !(statement instanceof Map) || !(data instanceof Uint8Array)) {
    throw new ShapeError('attestationObject', 'fmt, attStmt and authData')
  }
  return { format, statement, data }
}
