import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { concat, toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toPem } from '@natsuin/pki/x509'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  type AttestationDeviations,
  createSoftwareAuthenticator,
  newManufacturer,
  registrationJson,
} from '@natsuin/testing/authenticator'
import { rounds, seed } from '@natsuin/testing/rounds'
import { SettingsService, verifyRegistrationResponse } from '@simplewebauthn/server'
import fc from 'fast-check'
import { ORIGIN, RP_ID } from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'
import { parseAuthenticatorData } from '../authenticator-data.ts'
import { type Cbor, parseCbor } from '../cbor.ts'
import { importCoseKey } from '../cose-key.ts'
import { checkAttestedRegistration } from '../registration.ts'
import { checkAttestation } from './check-attestation.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const challenge = new Uint8Array(32).fill(5)
const expected = { challenge, relyingParty: { rpId: RP_ID, approvalOrigin: ORIGIN } }

const maker = newManufacturer('Honest Keys')
const accepted = { aaguids: [maker.aaguid], roots: [maker.root] }

function registered(deviations: AttestationDeviations = {}, from = maker) {
  const device = createSoftwareAuthenticator({ attester: from.attester(deviations) })
  return device.register({ rpId: RP_ID, origin: ORIGIN, challenge })
}

const check = (made = registered(), policy = accepted, at = NOW) =>
  checkAttestedRegistration(made.registration, expected, { accepted: policy, at })

/** What @simplewebauthn/server says, which knows no list of models. */
async function isTakenByTheOther(
  made: ReturnType<typeof registered>,
  roots = accepted.roots,
): Promise<boolean> {
  const certificates = roots.map(root => toPem('CERTIFICATE', root))
  SettingsService.setRootCertificates({ identifier: 'packed', certificates })
  try {
    const { verified } = await verifyRegistrationResponse({
      response: registrationJson(made),
      expectedChallenge: toBase64url(challenge),
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
    })
    return verified
  } catch {
    return false
  }
}

describe('an authenticator where a class says which models it accepts (threats T-WA-10)', () => {
  it('is taken when its maker vouches for it, as @simplewebauthn/server does', async () => {
    const { aaguid } = await check()
    assert.deepEqual(aaguid, maker.aaguid)
    assert.ok(await isTakenByTheOther(registered()))
  })

  it('is taken when its certificate names no model, for the list does', async () => {
    await check(registered({ certifiedModel: undefined }))
  })

  it('T-WA-10: is refused without attestation, which is taken where no class asks', async () => {
    const made = createSoftwareAuthenticator().register({ rpId: RP_ID, origin: ORIGIN, challenge })
    await assertRefused('authenticator-not-attested', check(made))
    await checkAttestedRegistration(made.registration, expected, { accepted: undefined, at: NOW })
  })

  const other = newManufacturer('Honest Keys')
  const model = new Uint8Array(16).fill(9)
  /** Each with what the other library says of it: true where only our list of models refuses. */
  const FORGED: readonly (readonly [string, AttestationDeviations, boolean])[] = [
    ['self attestation', { self: true }, true],
    ['a model that is not in the list', { aaguid: model, certifiedModel: model }, true],
    ['a model that its certificate is not for', { certifiedModel: model }, false],
    [
      'the model of the list, in a certificate for another',
      { aaguid: maker.aaguid, certifiedModel: model },
      false,
    ],
    ['a certificate that has expired', { notAfter: new Date('2026-01-01T00:00:00Z') }, false],
    ['a certificate that is an authority’s', { isAuthority: true }, false],
    ['a certificate for something else', { unit: 'Marketing' }, false],
    [
      'a signature over other authenticator data',
      { signs: { authenticatorData: new Uint8Array(164) } },
      false,
    ],
    ['a signature over other client data', { signs: { clientDataHash: new Uint8Array(32) } }, false],
    ['a signature with a bit changed', { flipSignature: true }, false],
    // The other library verifies with the certificate's key, whatever the statement says.
    ['an algorithm that is not the key’s', { alg: -257 }, true],
    ['SHA-1', { alg: -65535 }, false],
    ['no such algorithm', { alg: -1 }, false],
    ['a member too many', { more: [[Uint8Array.of(0x61, 0x78), Uint8Array.of(0)]] }, true],
  ]
  for (const [what, deviations, others] of FORGED) {
    it(`T-WA-10: is refused with ${what}`, async () => {
      await assertRefused('authenticator-not-attested', check(registered(deviations)))
      assert.equal(await isTakenByTheOther(registered(deviations)), others)
      await check()
    })
  }

  it('T-WA-10: is refused when its maker’s root is another one of the same name, or over', async () => {
    const foreign = registered({}, other)
    const policy = { aaguids: [other.aaguid], roots: [maker.root] }
    await assertRefused('authenticator-not-attested', check(foreign, policy))
    assert.equal(await isTakenByTheOther(foreign), false)
    await check(foreign, { aaguids: [other.aaguid], roots: [other.root] })
    const ended = newManufacturer('Old Keys', new Date('2025-01-01T00:00:00Z'))
    const old = { aaguids: [ended.aaguid], roots: [ended.root] }
    await assertRefused('authenticator-not-attested', check(registered({}, ended), old))
    await check(registered({}, ended), old, new Date('2024-06-01T00:00:00Z'))
  })

  it('T-WA-10: is refused for every byte of its statement that was changed', async () => {
    const made = registered()
    const { attestationObject } = made.registration
    const start = Buffer.from(attestationObject).indexOf('attStmt')
    const end = Buffer.from(attestationObject).indexOf('authData')
    const mutation = fc.tuple(fc.integer({ min: start + 7, max: end - 2 }), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(mutation, async ([where, flip]) => {
        const changed = attestationObject.with(where, (attestationObject[where] ?? 0) ^ flip)
        const registration = { ...made.registration, attestationObject: changed }
        await assert.rejects(check({ ...made, registration }), Refusal)
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})

interface Vectors {
  readonly attestationRoot: string
  readonly vectors: readonly {
    readonly name: string
    readonly registration: Readonly<Record<'clientDataJSON' | 'attestationObject', string>>
  }[]
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/w3c-webauthn-level-3.json', import.meta.url), 'utf8'),
)
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

/** An attestation object of the vectors, with members of its statement replaced. */
function vectorOf(name: string, replaced: Readonly<Record<string, (value: Cbor | undefined) => Cbor>> = {}) {
  const found = vectors.vectors.find(vector => vector.name.startsWith(name))
  assert.ok(found, name)
  const object = parseCbor(bytes(found.registration.attestationObject)) as ReadonlyMap<string, Cbor>
  const authenticatorData = object.get('authData') as Uint8Array
  const { attested } = parseAuthenticatorData(authenticatorData)
  assert.ok(attested)
  const statement = new Map(object.get('attStmt') as ReadonlyMap<string, Cbor>)
  for (const [member, replace] of Object.entries(replaced))
    statement.set(member, replace(statement.get(member)))
  const { aaguid, publicKey } = attested
  const key = importCoseKey(publicKey)
  return {
    format: String(object.get('fmt')),
    statement,
    authenticatorData,
    clientDataHash: digestSync('sha256', bytes(found.registration.clientDataJSON)),
    aaguid,
    publicKey: key?.publicKey ?? new Uint8Array(),
  }
}

const checkVector = (object: ReturnType<typeof vectorOf>, aaguids = [object.aaguid]) =>
  checkAttestation(object, { aaguids, roots: [bytes(vectors.attestationRoot)] }, NOW)

const flipped = (value: Cbor | undefined): Cbor => {
  assert.ok(value instanceof Uint8Array)
  return value.with(value.length >> 1, (value[value.length >> 1] ?? 0) ^ 1)
}
const longer = (value: Cbor | undefined): Cbor => {
  assert.ok(value instanceof Uint8Array)
  return concat(value, Uint8Array.of(0))
}

describe('the attestations of the W3C’s vectors (WebAuthn Level 3, 16)', () => {
  const TAKEN = [
    'Packed Attestation with ES256',
    'Packed Attestation with RS256',
    'TPM Attestation',
    'Apple Anonymous',
  ]
  for (const name of TAKEN) {
    it(`are taken: ${name}`, async () => {
      await checkVector(vectorOf(name))
      await assertRefused('authenticator-not-attested', checkVector(vectorOf(name), [new Uint8Array(16)]))
    })

    it(`T-WA-10: are refused for another key or another registration: ${name}`, async () => {
      const good = vectorOf(name)
      const { publicKey } = vectorOf('Packed Attestation with ES256 Credential')
      const otherKey = { ...good, publicKey: name.startsWith('Packed') ? good.publicKey : publicKey }
      if (!name.startsWith('Packed')) await assertRefused('authenticator-not-attested', checkVector(otherKey))
      const clientDataHash = new Uint8Array(32)
      await assertRefused('authenticator-not-attested', checkVector({ ...good, clientDataHash }))
      const authenticatorData = good.authenticatorData.with(40, 1)
      await assertRefused('authenticator-not-attested', checkVector({ ...good, authenticatorData }))
      await checkVector(good)
    })
  }

  const REFUSED = [
    'ES256 Credential with No Attestation',
    'ES256 Credential with Self Attestation',
    'Android Key Attestation',
    'FIDO U2F Attestation',
  ]
  for (const name of REFUSED) {
    it(`T-WA-10: are refused where a model is demanded: ${name}`, async () => {
      await assertRefused('authenticator-not-attested', checkVector(vectorOf(name)))
    })
  }

  const WRONG: readonly (readonly [string, Readonly<Record<string, (value: Cbor | undefined) => Cbor>>])[] = [
    ['another version', { ver: () => '1.2' }],
    ['a changed public area', { pubArea: flipped }],
    ['a public area with a byte more', { pubArea: longer }],
    ['a public area that is cut short', { pubArea: value => (value as Uint8Array).subarray(0, -1) }],
    ['a changed certification', { certInfo: flipped }],
    ['a changed signature', { sig: flipped }],
    ['no certificates', { x5c: () => [] }],
    ['a certificate that is none', { x5c: () => [new Uint8Array(3)] }],
    ['text for a signature', { sig: () => 'signature' }],
    ['a member more', { more: () => 1 }],
  ]
  for (const [what, replaced] of WRONG) {
    it(`T-WA-10: are refused for a TPM with ${what}`, async () => {
      await assertRefused('authenticator-not-attested', checkVector(vectorOf('TPM Attestation', replaced)))
      await checkVector(vectorOf('TPM Attestation'))
    })
  }
})
