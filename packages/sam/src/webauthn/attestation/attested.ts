/**
 * What an attestation is about, and what a format makes of it: WebAuthn Level 3, 6.5.4 and 8.
 *
 * A format says who vouches for the authenticator: its chain of certificates, end entity first, whose signature over this
 * registration it has verified. Whether anybody believes that chain is decided in `check-attestation.ts`.
 */

import { DerError, parseDer, readOctetString } from '@natsuin/pki/asn1'
import { equal } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import { refuse } from '../../refuse.ts'
import type { Cbor, CborMap } from '../cbor.ts'

/** An attestation object, taken apart, with the credential that it is about. */
export interface AttestedObject {
  readonly format: string
  readonly statement: CborMap
  /** As signed. */
  readonly authenticatorData: Uint8Array
  /** SHA-256 of the client data. */
  readonly clientDataHash: Uint8Array
  readonly aaguid: Uint8Array
  /** DER SubjectPublicKeyInfo of the credential. */
  readonly publicKey: Uint8Array
}

/** @throws Refusal `authenticator-not-attested` */
export type AttestationFormat = (object: AttestedObject) => readonly Certificate[]

/** @param why for the audit trail */
export const notAttested = (why: string) => refuse('authenticator-not-attested', { why })

/** The members, exactly these and each of bytes, list or text as it must be. @throws Refusal `authenticator-not-attested` */
export function membersOf(statement: CborMap, names: readonly string[]): ReadonlyMap<string, Cbor> {
  const members = new Map([...statement].map(([name, value]) => [String(name), value]))
  if (members.size !== names.length || !names.every(name => members.has(name))) {
    throw notAttested('members of the statement')
  }
  return members
}

export function bytesOf(value: Cbor | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw notAttested('a member that is no bytes')
  return value
}

/** `x5c`: the attestation certificate, then what leads from it to a root. */
export function chainOf(value: Cbor | undefined): readonly Certificate[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CHAIN) throw notAttested('x5c')
  return value.map(one => certificateOf(bytesOf(one)))
}

/** No attestation of a device has more. */
const MAX_CHAIN = 6

function certificateOf(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof DerError) throw notAttested('a certificate that cannot be read')
    throw error
  }
}

/** id-fido-gen-ce-aaguid: the model that a certificate is for. */
const MODEL = '1.3.6.1.4.1.45724.1.1.4'

/**
 * What every attestation certificate must be, of whichever format: no authority, and for no other model than the
 * authenticator says it is (WebAuthn Level 3, 8.2.1 and 8.3.1).
 */
export function checkAttestationCertificate({ extensions }: Certificate, { aaguid }: AttestedObject): void {
  if (extensions.basicConstraints?.ca === true) throw notAttested('an authority as attestation certificate')
  const model = extensions.all.find(({ oid }) => oid === MODEL)
  if (model === undefined) return
  if (model.critical || !equal(octetsIn(model.value), aaguid))
    throw notAttested('certified for another model')
}

function octetsIn(der: Uint8Array): Uint8Array {
  try {
    return readOctetString(parseDer(der))
  } catch (error) {
    if (error instanceof DerError) throw notAttested('an extension that cannot be read')
    throw error
  }
}
