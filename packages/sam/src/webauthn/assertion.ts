/**
 * Assertions: that this authenticator, its user verified, answered this challenge on the approval origin.
 *
 * WebAuthn Level 3, 7.2. Whose authenticator it is and what policy it must meet is for the caller to know.
 */
import { concat } from '@natsuin/pki/encoding'
import { digestSync, verifySync } from '@natsuin/pki/node'
import type { Assertion } from '@natsuin/protocol/approval'
import { ShapeError } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import { type AuthenticatorData, parseAuthenticatorData } from './authenticator-data.ts'
import { CborError } from './cbor.ts'
import { checkCeremony, type RelyingParty } from './ceremony-rules.ts'
import { type ClientData, parseClientData } from './client-data.ts'
import type { AuthenticatorKey } from './cose-key.ts'

/** An assertion, taken apart and not yet believed. */
export interface ParsedAssertion {
  readonly raw: Assertion
  readonly clientData: ClientData
  readonly authenticatorData: AuthenticatorData
}

/** @throws Refusal `malformed` */
export function parseAssertion(raw: Assertion): ParsedAssertion {
  try {
    const clientData = parseClientData(raw.clientDataJSON)
    return { raw, clientData, authenticatorData: parseAuthenticatorData(raw.authenticatorData) }
  } catch (error) {
    if (error instanceof CborError || error instanceof ShapeError) {
      throw refuse('malformed', {}, { cause: error })
    }
    throw error
  }
}

/** @throws Refusal with a code of the ceremony's rules, or `assertion-invalid` */
export function checkAssertion(
  { raw, clientData, authenticatorData }: ParsedAssertion,
  { publicKey: spki, algorithm }: AuthenticatorKey,
  expected: { readonly challenge: Uint8Array; readonly relyingParty: RelyingParty },
): void {
  checkCeremony({ type: 'webauthn.get', ...expected, clientData, authenticatorData })
  if (authenticatorData.attested !== undefined) throw refuse('assertion-invalid')
  const data = concat(raw.authenticatorData, digestSync('sha256', raw.clientDataJSON))
  if (!verifySync({ algorithm, spki, data, signature: raw.signature })) throw refuse('assertion-invalid')
}
