/**
 * A WebAuthn authenticator and its browser in software: registers and asserts as a passkey does.
 *
 * The demo uses it as the signer's device, tests as everybody's, attackers included: what an honest pair of
 * browser and authenticator never does is an explicit deviation. It follows WebAuthn Level 3, 5.8.1 (client
 * data), 6.1 (authenticator data), 6.5.1 (attested credential data) and 8.7 (attestation "none"). Its keys lie
 * in its state in the clear: a device of software proves nothing about possession.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { concat, equal, fromBase64url, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { Assertion, Registration } from '@natsuin/protocol/approval'
import { type Flags, writeAuthenticatorData } from './authenticator-data.ts'
import { bytes, map, text } from './cbor.ts'
import { type AuthenticatorAlgorithm, coseKey } from './cose-key.ts'

export interface AuthenticatorOptions {
  /** A synced passkey: BE and BS set. Default false, bound to the device. */
  readonly backupEligible?: boolean
  /** Default true. */
  readonly userVerifies?: boolean
  /** Default ES256. */
  readonly algorithm?: AuthenticatorAlgorithm
  /** Default none: it says nothing about its model. */
  readonly attester?: Attester
}

/** Who says what model an authenticator is. */
export interface Attester {
  readonly aaguid: Uint8Array
  /** An attestation statement over authenticator data and the hash of the client data. */
  attest(data: AttestedData): Statement
}

export interface AttestedData {
  readonly authenticatorData: Uint8Array
  readonly clientDataHash: Uint8Array
  readonly credentialKey: KeyObject
}

export interface Statement {
  readonly format: string
  /** A CBOR map. */
  readonly statement: Uint8Array
}

/** What an honest browser and authenticator would not do, for attacks. Each replaces the honest value. */
export interface Deviations {
  /** Client data `type`; honest is `webauthn.create` or `webauthn.get`. */
  readonly type?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** RP ID whose hash goes into the authenticator data. */
  readonly hashedRpId?: string
  readonly flags?: Partial<Flags>
  /** Signature counter to claim; the honest one goes on counting. */
  readonly counter?: number
}

export interface RegisterRequest extends Deviations {
  readonly rpId: string
  readonly origin: string
  readonly challenge: Uint8Array
  readonly userHandle?: Uint8Array
  /** Registers the newest credential for this RP ID once more, as no honest authenticator does. */
  readonly sameKey?: boolean
}

export interface AssertRequest extends Deviations {
  readonly rpId: string
  readonly origin: string
  readonly challenge: Uint8Array
  /** WebAuthn credential ids to choose from; absent for a discoverable credential. */
  readonly allow?: readonly Uint8Array[]
}

export interface Registered {
  readonly credentialId: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly registration: Registration
}

/** Everything the authenticator holds, private keys included, as JSON. */
export interface AuthenticatorState {
  readonly v: 1
  readonly backupEligible: boolean
  readonly userVerifies: boolean
  readonly algorithm: AuthenticatorAlgorithm
  readonly credentials: readonly {
    readonly id: string
    readonly rpId: string
    readonly userHandle: string
    /** base64url PKCS #8. */
    readonly privateKey: string
    readonly counter: number
  }[]
}

export interface SoftwareAuthenticator {
  /** Makes a credential for the RP ID; an older one for the same RP ID stays. */
  register(request: RegisterRequest): Registered
  /** Answers with the newest credential that fits. @throws NoCredential */
  assert(request: AssertRequest): Assertion
  /** The user handle a discoverable credential returns. @throws NoCredential */
  userHandle(credentialId: Uint8Array): Uint8Array
  exportState(): AuthenticatorState
}

/** What the browser shows as "no passkey for this site". */
export class NoCredential extends Error {
  readonly code = 'no-credential'
}

export function createSoftwareAuthenticator(options: AuthenticatorOptions = {}): SoftwareAuthenticator {
  const { backupEligible = false, userVerifies = true, algorithm = 'ES256' } = options
  return new Authenticator(
    { backupEligible, userVerifies, algorithm },
    [],
    options.attester ?? NO_ATTESTATION,
  )
}

export function restoreSoftwareAuthenticator(state: AuthenticatorState): SoftwareAuthenticator {
  return new Authenticator(
    state,
    state.credentials.map(({ id, rpId, userHandle, privateKey, counter }) => ({
      id: decode(id),
      rpId,
      userHandle: decode(userHandle),
      key: createPrivateKey({ key: Buffer.from(decode(privateKey)), format: 'der', type: 'pkcs8' }),
      counter,
    })),
  )
}

interface Credential {
  readonly id: Uint8Array
  readonly rpId: string
  readonly userHandle: Uint8Array
  readonly key: KeyObject
  counter: number
}

type Options = Required<Omit<AuthenticatorOptions, 'attester'>>

class Authenticator implements SoftwareAuthenticator {
  readonly #options: Options
  readonly #credentials: Credential[]
  readonly #attester: Attester

  constructor(options: Options, credentials: Credential[], attester = NO_ATTESTATION) {
    this.#options = options
    this.#credentials = credentials
    this.#attester = attester
  }

  register(request: RegisterRequest): Registered {
    const { algorithm } = this.#options
    const credential = request.sameKey === true ? this.#choose(request) : this.#make(request)
    const publicKey = createPublicKey(credential.key)
    const { aaguid } = this.#attester
    const attested = { aaguid, credentialId: credential.id, coseKey: coseKey[algorithm](publicKey) }
    const authData = writeAuthenticatorData(
      request.hashedRpId ?? request.rpId,
      this.#flags(request),
      request.counter ?? 0,
      attested,
    )
    const clientDataJSON = writeClientData('webauthn.create', request)
    const clientDataHash = new Uint8Array(createHash('sha256').update(clientDataJSON).digest())
    const attestedData = { authenticatorData: authData, clientDataHash, credentialKey: credential.key }
    return {
      credentialId: credential.id,
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      registration: {
        clientDataJSON,
        attestationObject: attestationObject(authData, this.#attester.attest(attestedData)),
      },
    }
  }

  assert(request: AssertRequest): Assertion {
    const credential = this.#choose(request)
    credential.counter += 1
    const counter = request.counter ?? credential.counter
    const flags = this.#flags(request)
    const authenticatorData = writeAuthenticatorData(request.hashedRpId ?? request.rpId, flags, counter)
    const clientDataJSON = writeClientData('webauthn.get', request)
    const signed = concat(authenticatorData, createHash('sha256').update(clientDataJSON).digest())
    const signature = new Uint8Array(sign('sha256', signed, { key: credential.key, dsaEncoding: 'der' }))
    return { credentialId: credential.id, clientDataJSON, authenticatorData, signature }
  }

  userHandle(credentialId: Uint8Array): Uint8Array {
    const credential = this.#credentials.find(({ id }) => equal(id, credentialId))
    if (credential === undefined) throw new NoCredential('no credential of this id')
    return credential.userHandle
  }

  exportState(): AuthenticatorState {
    const { backupEligible, userVerifies, algorithm } = this.#options
    const credentials = this.#credentials.map(({ id, rpId, userHandle, key, counter }) => ({
      id: toBase64url(id),
      rpId,
      userHandle: toBase64url(userHandle),
      privateKey: toBase64url(key.export({ type: 'pkcs8', format: 'der' })),
      counter,
    }))
    return { v: 1, backupEligible, userVerifies, algorithm, credentials }
  }

  #make({ rpId, userHandle = randomBytes(16) }: RegisterRequest): Credential {
    const { privateKey } = generateKey(this.#options.algorithm)
    const credential = { id: new Uint8Array(randomBytes(32)), rpId, userHandle, key: privateKey, counter: 0 }
    this.#credentials.push(credential)
    return credential
  }

  #choose({ rpId, allow }: { readonly rpId: string; readonly allow?: readonly Uint8Array[] }): Credential {
    const found = this.#credentials.findLast(
      credential =>
        credential.rpId === rpId && (allow === undefined || allow.some(id => equal(id, credential.id))),
    )
    if (found === undefined) throw new NoCredential(`no credential for ${rpId}`)
    return found
  }

  #flags({ flags = {} }: Deviations): Flags {
    const { backupEligible, userVerifies } = this.#options
    const honest = {
      userPresent: true,
      userVerified: userVerifies,
      backupEligible,
      backupState: backupEligible,
    }
    return { ...honest, ...flags }
  }
}

function generateKey(algorithm: AuthenticatorAlgorithm) {
  return algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** Members in the order of WebAuthn Level 3, 5.8.1.1. */
function writeClientData(
  honestType: string,
  request: Deviations & { readonly origin: string; readonly challenge: Uint8Array },
): Uint8Array {
  const { origin, challenge, type = honestType, crossOrigin = false, topOrigin } = request
  const top = topOrigin === undefined ? {} : { topOrigin }
  return utf8(JSON.stringify({ type, challenge: toBase64url(challenge), origin, crossOrigin, ...top }))
}

/** WebAuthn Level 3, 8.7: an empty statement, and no model. */
const NO_ATTESTATION: Attester = {
  aaguid: new Uint8Array(16),
  attest: () => ({ format: 'none', statement: map() }),
}

/** WebAuthn Level 3, 6.5.4. */
function attestationObject(authData: Uint8Array, { format, statement }: Statement): Uint8Array {
  return map([text('fmt'), text(format)], [text('attStmt'), statement], [text('authData'), bytes(authData)])
}

function decode(encoded: string): Uint8Array {
  const decoded = fromBase64url(encoded)
  if (decoded === undefined) throw new TypeError('the state of an authenticator holds base64url')
  return decoded
}
