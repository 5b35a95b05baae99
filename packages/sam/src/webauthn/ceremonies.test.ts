import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { concat, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync, verifySync } from '@natsuin/pki/node'
import type { Assertion, Registration } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { type SapRefusal, sapRefusals } from '@natsuin/protocol/sap'
import {
  type AuthenticatorOptions,
  authenticationJson,
  createSoftwareAuthenticator,
  type Deviations,
  registrationJson,
} from '@natsuin/testing/authenticator'
import { rounds, seed } from '@natsuin/testing/rounds'
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import fc from 'fast-check'
import { ORIGIN, RP_ID } from '../fixture/place.ts'
import { assertRefuses } from '../fixture/refusals.ts'
import { checkAssertion, parseAssertion } from './assertion.ts'
import { parseAuthenticatorData } from './authenticator-data.ts'
import { parseCbor } from './cbor.ts'
import { checkBackup } from './check-authenticator.ts'
import { type AuthenticatorKey, importCoseKey } from './cose-key.ts'
import { checkRegistration } from './registration.ts'

const relyingParty = { rpId: RP_ID, approvalOrigin: ORIGIN }
const challenge = new Uint8Array(32).fill(3)
const honest = { rpId: RP_ID, origin: ORIGIN, challenge }
const expected = { challenge, relyingParty }

function registered(options: AuthenticatorOptions = {}, deviations: Deviations & { origin?: string } = {}) {
  const device = createSoftwareAuthenticator(options)
  return { device, made: device.register({ ...honest, ...deviations }) }
}

const check = (assertion: Assertion, key: AuthenticatorKey, given = expected) =>
  checkAssertion(parseAssertion(assertion), key, given)

/** One thing wrong each, with the code that says so. The first broken rule decides. */
const DEVIATIONS: readonly (readonly [
  string,
  Deviations & { origin?: string; challenge?: Uint8Array },
  SapRefusal,
])[] = [
  ['another challenge', { challenge: new Uint8Array(32) }, 'challenge-mismatch'],
  ['a longer challenge', { challenge: concat(challenge, challenge) }, 'challenge-mismatch'],
  ['the type of the payment ceremony', { type: 'payment.get' }, 'ceremony-type'],
  ['an origin with a slash', { origin: `${ORIGIN}/` }, 'origin-mismatch'],
  ['another port', { origin: 'http://approve.localhost:8080' }, 'origin-mismatch'],
  ['another scheme', { origin: 'https://approve.localhost:8081' }, 'origin-mismatch'],
  ['a subdomain', { origin: 'http://x.approve.localhost:8081' }, 'origin-mismatch'],
  ['a frame of another origin', { crossOrigin: true }, 'cross-origin'],
  ['a named top origin', { topOrigin: 'http://evil.example' }, 'cross-origin'],
  ['another RP ID', { hashedRpId: 'localhost' }, 'rp-mismatch'],
  ['no user present', { flags: { userPresent: false } }, 'user-not-verified'],
  ['no user verified', { flags: { userVerified: false } }, 'user-not-verified'],
  ['a backup of what cannot be backed up', { flags: { backupState: true } }, 'authenticator-policy'],
]

describe('registrations (WebAuthn Level 3, 7.1)', () => {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    for (const backupEligible of [false, true]) {
      it(`takes ${algorithm}, ${backupEligible ? 'synced' : 'bound to the device'}, as @simplewebauthn/server does`, async () => {
        const { made } = registered({ algorithm, backupEligible })
        const ours = checkRegistration(made.registration, expected)
        assert.deepEqual(ours, {
          credentialId: made.credentialId,
          publicKey: made.publicKey,
          algorithm: algorithm === 'ES256' ? 'ecdsa-sha256' : 'rsa-sha256',
          counter: 0,
          backupEligible,
          aaguid: new Uint8Array(16),
        })
        const theirs = await verifyRegistrationResponse({
          response: registrationJson(made),
          expectedChallenge: toBase64url(challenge),
          expectedOrigin: ORIGIN,
          expectedRPID: RP_ID,
        })
        assert.ok(theirs.verified)
        assert.equal(theirs.registrationInfo.credential.id, toBase64url(ours.credentialId))
        assert.equal(theirs.registrationInfo.credentialDeviceType === 'multiDevice', backupEligible)
      })
    }
  }

  for (const [what, deviation, code] of DEVIATIONS) {
    it(`refuses ${what}`, () => {
      const { registration } = registered({}, deviation).made
      assertRefuses(code, () => checkRegistration(registration, expected))
    })
  }

  it('refuses the answer of an assertion', () => {
    const { registration } = registered({}, { type: 'webauthn.get' }).made
    assertRefuses('ceremony-type', () => checkRegistration(registration, expected))
  })

  it('refuses or takes whatever has bytes changed, and nothing else happens (T-WA-11)', () => {
    const { registration } = registered().made
    const { attestationObject: good } = registration
    const edit = fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat({ max: 8 }), (edits, cut) => {
        const attestationObject = edits
          .reduce((bytes, [at, value]) => bytes.with(at, value), good)
          .subarray(0, good.length - cut)
        const outcome = codeOf(() => checkRegistration({ ...registration, attestationObject }, expected))
        assert.ok(outcome === 'taken' || (sapRefusals as readonly string[]).includes(outcome), outcome)
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })

  for (const backupEligible of [false, true]) {
    for (const backupState of [false, true]) {
      const sound = backupEligible || !backupState
      const says = `BE ${backupEligible} with BS ${backupState}`
      it(`${sound ? 'takes' : 'refuses'} ${says}, at registration and at use (T-WA-07)`, () => {
        const flags = { backupEligible, backupState }
        const outcome = sound ? 'taken' : 'authenticator-policy'
        const { registration } = registered({}, { flags }).made
        assert.equal(
          codeOf(() => checkRegistration(registration, expected)),
          outcome,
        )
        const { device, made } = registered({ backupEligible })
        const key = checkRegistration(made.registration, expected)
        assert.equal(
          codeOf(() => check(device.assert({ ...honest, flags }), key)),
          outcome,
        )
      })
    }
  }

  it('takes a key that can leave its device below level 3 alone, and no change of that at any (T-WA-07)', () => {
    for (const level of [1, 2, 3] as const) {
      for (const before of [false, true]) {
        for (const now of [false, true]) {
          const fits = before === now && !(level === 3 && now)
          const outcome = codeOf(() => checkBackup(before, now, level))
          assert.equal(outcome, fits ? 'taken' : 'authenticator-policy', `${level} ${before} ${now}`)
        }
      }
    }
  })

  it('refuses an attestation object that lacks a member, has one too many, or is none', () => {
    const { registration } = registered().made
    const { attestationObject } = registration
    for (const bytes of [
      new Uint8Array(),
      attestationObject.subarray(0, -1),
      concat(attestationObject, Uint8Array.of(0)),
      attestationObject.with(0, 0xa2),
      attestationObject.with(0, 0xa4),
      utf8('no CBOR'),
    ]) {
      assertRefuses('malformed', () =>
        checkRegistration({ ...registration, attestationObject: bytes }, expected),
      )
    }
  })
})

describe('assertions (WebAuthn Level 3, 7.2)', () => {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    it(`takes one by ${algorithm}, as @simplewebauthn/server does`, async () => {
      const { device, made } = registered({ algorithm })
      const key = checkRegistration(made.registration, expected)
      const assertion = device.assert(honest)
      check(assertion, key)
      const { registrationInfo } = await verifyRegistrationResponse({
        response: registrationJson(made),
        expectedChallenge: toBase64url(challenge),
        expectedOrigin: ORIGIN,
        expectedRPID: RP_ID,
      })
      assert.ok(registrationInfo)
      const theirs = await verifyAuthenticationResponse({
        response: authenticationJson(assertion),
        expectedChallenge: toBase64url(challenge),
        expectedOrigin: ORIGIN,
        expectedRPID: RP_ID,
        credential: registrationInfo.credential,
      })
      assert.ok(theirs.verified)
    })
  }

  for (const [what, deviation, code] of DEVIATIONS) {
    it(`refuses ${what}`, () => {
      const { device, made } = registered()
      const key = checkRegistration(made.registration, expected)
      check(device.assert(honest), key)
      assertRefuses(code, () => check(device.assert({ ...honest, ...deviation }), key))
    })
  }

  it('refuses the answer of a registration', () => {
    const { device, made } = registered()
    const key = checkRegistration(made.registration, expected)
    const assertion = device.assert({ ...honest, type: 'webauthn.create' })
    assertRefuses('ceremony-type', () => check(assertion, key))
  })

  it('refuses a signature by another key', () => {
    const [alice, mallory] = [registered(), registered()]
    const key = checkRegistration(alice.made.registration, expected)
    assertRefuses('assertion-invalid', () => check(mallory.device.assert(honest), key))
  })

  it('refuses every single flipped bit of client data, authenticator data and signature', () => {
    const { device, made } = registered()
    const key = checkRegistration(made.registration, expected)
    const assertion = device.assert(honest)
    check(assertion, key)
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
      for (let bit = 0; bit < assertion[part].length * 8; bit += 1) {
        const flipped = { ...assertion, [part]: flip(assertion[part], bit) }
        assert.throws(() => check(flipped, key), Refusal, `${part}, bit ${bit}`)
      }
    }
  })

  it('refuses every single flipped bit of a challenge', () => {
    const { device, made } = registered()
    const key = checkRegistration(made.registration, expected)
    const assertion = device.assert(honest)
    for (let bit = 0; bit < challenge.length * 8; bit += 1) {
      const other = { challenge: flip(challenge, bit), relyingParty }
      assertRefuses('challenge-mismatch', () => check(assertion, key, other))
    }
  })
})

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

const flip = (bytes: Uint8Array, bit: number) =>
  bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)))

interface Vector {
  readonly name: string
  readonly registration: Readonly<Record<'challenge' | 'credentialId' | keyof Registration, string>>
  readonly authentication: Readonly<
    Record<'challenge' | 'authenticatorData' | 'clientDataJSON' | 'signature', string>
  >
}

interface Vectors {
  readonly rpId: string
  readonly origin: string
  readonly vectors: readonly Vector[]
}

/** What our rules say of each: registration, then assertion. Most of the vectors were made without user verification. */
const OUTCOMES: Readonly<Record<string, readonly ['taken' | SapRefusal, 'taken' | SapRefusal]>> = {
  'ES256 Credential with No Attestation': ['user-not-verified', 'user-not-verified'],
  'ES256 Credential with Self Attestation': ['taken', 'user-not-verified'],
  'ES256 Credential with "crossOrigin": true in clientDataJSON': ['cross-origin', 'cross-origin'],
  'ES256 Credential with "topOrigin" in clientDataJSON': ['cross-origin', 'cross-origin'],
  'ES256 Credential with very long credential ID': ['user-not-verified', 'taken'],
  'Packed Attestation with ES256 Credential': ['taken', 'taken'],
  'Packed Attestation with RS256 Credential': ['taken', 'user-not-verified'],
  'TPM Attestation with ES256 Credential': ['taken', 'taken'],
  'Android Key Attestation with ES256 Credential': ['taken', 'user-not-verified'],
  'Apple Anonymous Attestation with ES256 Credential': ['user-not-verified', 'user-not-verified'],
  'FIDO U2F Attestation with ES256 Credential': ['user-not-verified', 'user-not-verified'],
}

describe('the test vectors of WebAuthn Level 3', () => {
  const file = new URL('vectors/w3c-webauthn-level-3.json', import.meta.url)
  // The file is ours: its head says where from and how it was rearranged.
  const { rpId, origin, vectors } = JSON.parse(readFileSync(file, 'utf8')) as Vectors
  const party = { rpId, approvalOrigin: origin }
  const keyIn = (attestationObject: Uint8Array) => {
    const object = parseCbor(attestationObject)
    const data = object instanceof Map ? object.get('authData') : undefined
    assert.ok(data instanceof Uint8Array)
    const { attested } = parseAuthenticatorData(data)
    assert.ok(attested)
    return { credentialId: attested.credentialId, key: importCoseKey(attested.publicKey) }
  }

  it('are all there that have an ES256 or RS256 key', () => {
    const ours = vectors.filter(({ registration }) => keyIn(bytes(registration.attestationObject)).key)
    assert.deepEqual(new Set(ours.map(({ name }) => name)), new Set(Object.keys(OUTCOMES)))
  })

  for (const { name, registration, authentication } of vectors) {
    const attestationObject = bytes(registration.attestationObject)
    const answer = { clientDataJSON: bytes(registration.clientDataJSON), attestationObject }
    const { credentialId, key } = keyIn(attestationObject)
    const register = () =>
      checkRegistration(answer, { challenge: bytes(registration.challenge), relyingParty: party })
    const outcomes = OUTCOMES[name]

    if (key === undefined || outcomes === undefined) {
      it(`have a key of a kind that is not registered: ${name}`, () => {
        assert.notEqual(codeOf(register), 'taken')
      })
      continue
    }

    const assertion = {
      credentialId,
      clientDataJSON: bytes(authentication.clientDataJSON),
      authenticatorData: bytes(authentication.authenticatorData),
      signature: bytes(authentication.signature),
    }
    const expectation = { challenge: bytes(authentication.challenge), relyingParty: party }

    it(`hold the key that signed: ${name}`, () => {
      assert.deepEqual(credentialId, bytes(registration.credentialId))
      const { authenticatorData, clientDataJSON, signature } = assertion
      const data = concat(authenticatorData, digestSync('sha256', clientDataJSON))
      const signed = { algorithm: key.algorithm, spki: key.publicKey }
      assert.ok(verifySync({ ...signed, data, signature }))
      assert.ok(!verifySync({ ...signed, data: flip(data, 0), signature }))
    })

    it(`are judged by our rules as ${outcomes.join(' and ')}: ${name}`, () => {
      assert.deepEqual([codeOf(register), codeOf(() => check(assertion, key, expectation))], outcomes)
    })
  }
})

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'taken'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
