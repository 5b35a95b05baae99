/**
 * The JSON in which browsers hand WebAuthn answers to a server: WebAuthn Level 3, 5.1 (`toJSON`), which
 * `@simplewebauthn/server` expects too.
 */
import { toBase64url } from '@natsuin/pki/encoding'
import type { Assertion } from '@natsuin/protocol/approval'
import type { Registered } from './software-authenticator.ts'

/** RegistrationResponseJSON. */
export interface RegistrationJson {
  id: string
  rawId: string
  type: 'public-key'
  authenticatorAttachment: 'platform'
  clientExtensionResults: Record<string, never>
  response: { clientDataJSON: string; attestationObject: string; transports: 'internal'[] }
}

/** AuthenticationResponseJSON. */
export interface AuthenticationJson {
  id: string
  rawId: string
  type: 'public-key'
  authenticatorAttachment: 'platform'
  clientExtensionResults: Record<string, never>
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string }
}

export function registrationJson({ credentialId, registration }: Registered): RegistrationJson {
  return {
    ...common(credentialId),
    response: {
      clientDataJSON: toBase64url(registration.clientDataJSON),
      attestationObject: toBase64url(registration.attestationObject),
      transports: ['internal'],
    },
  }
}

/** @param userHandle what a discoverable credential returns: `authenticator.userHandle(assertion.credentialId)` */
export function authenticationJson(assertion: Assertion, userHandle?: Uint8Array): AuthenticationJson {
  return {
    ...common(assertion.credentialId),
    response: {
      clientDataJSON: toBase64url(assertion.clientDataJSON),
      authenticatorData: toBase64url(assertion.authenticatorData),
      signature: toBase64url(assertion.signature),
      ...(userHandle === undefined ? {} : { userHandle: toBase64url(userHandle) }),
    },
  }
}

function common(credentialId: Uint8Array) {
  const id = toBase64url(credentialId)
  return {
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: {},
  } as const
}
