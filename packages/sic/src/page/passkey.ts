/**
 * The signer's authenticator: WebAuthn Level 3, 5.1.3 (create) and 5.1.4 (get).
 *
 * The RP ID is the host name of this page, exactly. User verification is always required: the approval is
 * worth what the authenticator's proof of the person is worth.
 */
import type { Assertion, Registration } from '@natsuin/protocol/approval'
import { Problem, type ProblemCode } from './problem.ts'

/** COSE algorithm identifiers (RFC 9053, 2.1; RFC 8812, 2): the ones the SAM verifies. */
const ES256 = -7
const RS256 = -257

export interface Question {
  /** The bytes that the person approves. */
  readonly statement: Uint8Array<ArrayBuffer>
  readonly timeoutMs: number
}

/** An assertion over the statement by one of the allowed authenticators. @throws Problem */
export async function askPasskey(
  { statement, timeoutMs }: Question,
  allow: readonly Uint8Array[],
): Promise<Assertion> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: await challengeOf(statement),
    rpId: location.hostname,
    allowCredentials: allow.map(descriptor),
    userVerification: 'required',
    timeout: timeoutMs,
  }
  const { rawId, response } = await perform(() => navigator.credentials.get({ publicKey }))
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new Problem('passkey-unavailable')
  return {
    credentialId: new Uint8Array(rawId),
    clientDataJSON: new Uint8Array(response.clientDataJSON),
    authenticatorData: new Uint8Array(response.authenticatorData),
    signature: new Uint8Array(response.signature),
  }
}

export interface NewPasskey {
  /** Whether it has to prove what it is. Browsers ask the person before they let it. */
  readonly attested: boolean
  /** Passkeys that the person has: an authenticator that holds one of them makes no other. */
  readonly exclude?: readonly Uint8Array[]
}

export interface PasskeyOwner {
  /** What the browser shows beside the passkey. */
  readonly name: string
  readonly service: string
}

/** A new passkey, registered over the statement. @throws Problem */
export async function createPasskey(
  { statement, timeoutMs }: Question,
  { name, service }: PasskeyOwner,
  { attested, exclude = [] }: NewPasskey,
): Promise<Registration> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: await challengeOf(statement),
    rp: { id: location.hostname, name: service },
    // The handle says nothing about the person (WebAuthn Level 3, 14.6.1); the SAM knows him by the credential id.
    user: { id: crypto.getRandomValues(new Uint8Array(32)), name, displayName: name },
    pubKeyCredParams: [ES256, RS256].map(alg => ({ type: 'public-key', alg })),
    excludeCredentials: exclude.map(descriptor),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: attested ? 'direct' : 'none',
    timeout: timeoutMs,
  }
  const { response } = await perform(() => navigator.credentials.create({ publicKey }))
  if (!(response instanceof AuthenticatorAttestationResponse)) throw new Problem('passkey-unavailable')
  return {
    clientDataJSON: new Uint8Array(response.clientDataJSON),
    attestationObject: new Uint8Array(response.attestationObject),
  }
}

const descriptor = (id: Uint8Array): PublicKeyCredentialDescriptor => ({
  type: 'public-key',
  id: Uint8Array.from(id),
})

async function challengeOf(statement: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return await crypto.subtle.digest('SHA-256', statement)
}

/** WebAuthn Level 3, 5.1.3 and 5.1.4 name the exceptions; browsers say NotAllowedError for most of them. */
const EXCEPTIONS: Readonly<Record<string, ProblemCode>> = {
  NotAllowedError: 'passkey-not-given',
  AbortError: 'passkey-not-given',
  InvalidStateError: 'passkey-known-already',
}

async function perform(ceremony: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!('PublicKeyCredential' in globalThis)) throw new Problem('passkey-unavailable')
  try {
    const answer = await ceremony()
    if (answer instanceof PublicKeyCredential) return answer
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : ''
    throw new Problem(EXCEPTIONS[name] ?? 'passkey-unavailable', { name }, { cause })
  }
  throw new Problem('passkey-unavailable')
}
