/**
 * A certificate for a key that the SAM does not hold, and another certificate on a key that it does (T-KEY-08 to
 * 10; sole-control 6): the authorities believe attestations alone, and the SAM links what it attested alone.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { finishJws, jwsSigningInput, peekJws, toWire } from '@natsuin/protocol/approval'
import { keyAttestation } from '@natsuin/protocol/issuance'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { enrolStatementBytes, invite, register } from '@natsuin/testing/deployment'
import { assertRefused, chainOf, flipped, openStage, type Stage, signs, ticketFor } from './stage.ts'

let stage: Stage
/** Another operator's service, with a SAM key of its own. */
let elsewhere: Stage
before(async () => {
  stage = await openStage()
  elsewhere = await openStage()
})
after(async () => {
  await stage.close()
  await elsewhere.close()
})

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = new Uint8Array(own.publicKey.export({ type: 'spki', format: 'der' }))

/** A person enrols at the SAM, and nobody has asked for the certificate yet. */
async function enrolled({ deployment, sam }: Stage, commonName: string) {
  const { grantId, enrolmentKey } = await invite(deployment, { commonName })
  const { ticket } = await sam.call('tickets/enrol', { grantId })
  const device = createSoftwareAuthenticator()
  const options = { device, origin: deployment.urls.approval }
  return sam.call('enrol', await register(enrolStatementBytes(ticket), enrolmentKey, options))
}

const issue = (attestation: string) => stage.authorities.call('issue', { keyAttestation: attestation })

function signedBy(key: KeyObject, payload: object): string {
  const signingInput = jwsSigningInput('natsuin-key-attestation', payload)
  const signature = sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' })
  return finishJws(signingInput, new Uint8Array(signature))
}

const contentOf = (attestation: string) => peekJws(attestation, 'natsuin-key-attestation', keyAttestation)

function withPayload(attestation: string, payload: object): string {
  const [head, , signature] = attestation.split('.')
  return `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`
}

describe('the authorities', () => {
  it('certify a key that the SAM attests, and give the same certificate again', async () => {
    const { keyAttestation: attestation, credentialId } = await enrolled(stage, 'Bob')
    const { certificates } = await issue(attestation)
    await stage.sam.call('certificates/link', { credentialId, certificates })
    const before = stage.keyUses()
    assert.deepEqual(await issue(attestation), { certificates })
    assert.deepEqual(stage.keyUses(), before)
  })

  it('refuse an attestation that the attacker made', async () => {
    const { keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const forged = signedBy(own.privateKey, { ...contentOf(attestation), publicKey: spki })
    await assertRefused(stage, 'attestation-invalid', () => issue(forged))
    await issue(attestation)
  })

  it('refuse an attestation with anything in it changed', async () => {
    const { keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const content = toWire(contentOf(attestation))
    const changes = [
      { publicKey: toBase64url(spki) },
      { subject: { commonName: 'Alice Victim' } },
      { credentialId: stage.alice.credentialId },
      { signerId: stage.alice.signerId },
      { level: 1 },
      { environment: 'production' },
      { softwareModule: false },
      { nonce: toBase64url(new Uint8Array(16)) },
    ]
    for (const change of changes) {
      const altered = withPayload(attestation, { ...content, ...change })
      await assertRefused(stage, 'attestation-invalid', () => issue(altered), Object.keys(change).join())
    }
    await issue(attestation)
  })

  it('refuse an attestation with one bit of its signature changed, or with none', async () => {
    const { keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const [head, payload, tail = ''] = attestation.split('.')
    const signature = new Uint8Array(Buffer.from(tail, 'base64url'))
    for (const wrong of [flipped(signature), flipped(signature, 0), new Uint8Array(64), new Uint8Array()]) {
      await assertRefused(stage, 'attestation-invalid', () =>
        issue(`${head}.${payload}.${toBase64url(wrong)}`),
      )
    }
    const none = toBase64url(new TextEncoder().encode('{"alg":"none","typ":"natsuin-key-attestation"}'))
    await assertRefused(stage, 'attestation-invalid', () => issue(`${none}.${payload}.${tail}`))
    await assertRefused(stage, 'attestation-invalid', () => issue(`${none}.${payload}.`))
    await issue(attestation)
  })

  it('refuse what else the SAM signed: a ticket, also under the header of an attestation', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    await assertRefused(stage, 'attestation-invalid', () => issue(ticket))
    const [, payload, signature] = ticket.split('.')
    const head = toBase64url(new TextEncoder().encode('{"alg":"ES256","typ":"natsuin-key-attestation"}'))
    await assertRefused(stage, 'attestation-invalid', () => issue(`${head}.${payload}.${signature}`))
    await issue((await enrolled(stage, 'Bob')).keyAttestation)
  })

  it('refuse the attestation of another deployment, though it has the same name', async () => {
    const { keyAttestation: foreign } = await enrolled(elsewhere, 'Bob')
    assert.equal(contentOf(foreign).deployment, stage.deployment.plan.name)
    await assertRefused(stage, 'attestation-invalid', () => issue(foreign))
    await elsewhere.authorities.call('issue', { keyAttestation: foreign })
  })

  it('refuse what is no attestation: a certificate request, a bare key, a certificate', async () => {
    const [certificate = new Uint8Array()] = chainOf(stage, stage.alice)
    const request = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'
    for (const wrong of [request, toBase64url(spki), toBase64url(certificate), '..', 'null']) {
      await assertRefused(stage, 'attestation-invalid', () => issue(wrong), wrong)
    }
    await issue((await enrolled(stage, 'Bob')).keyAttestation)
  })
})

describe('the SAM', () => {
  it('links the certificate that was issued on its attestation', () => signs(stage, stage.alice))

  it('refuses another person’s certificate for a new credential (T-KEY-08)', async () => {
    const { credentialId, keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const link = (certificates: readonly Uint8Array[]) =>
      stage.sam.call('certificates/link', { credentialId, certificates })
    await assertRefused(stage, 'certificate-mismatch', () => link(chainOf(stage, stage.alice)))
    await assertRefused(stage, 'certificate-mismatch', () => link(chainOf(elsewhere, elsewhere.alice)))
    await link((await issue(attestation)).certificates)
  })

  it('refuses the certificate of a namesake: the subject is right, the key is not (T-KEY-08)', async () => {
    const [one, other] = [await enrolled(stage, 'Bob'), await enrolled(stage, 'Bob')]
    const { credentialId } = one
    const foreign = (await issue(other.keyAttestation)).certificates
    await assertRefused(stage, 'certificate-mismatch', () =>
      stage.sam.call('certificates/link', { credentialId, certificates: foreign }),
    )
    const { certificates } = await issue(one.keyAttestation)
    await stage.sam.call('certificates/link', { credentialId, certificates })
  })

  it('refuses to put another certificate in the place of Alice’s', async () => {
    const { credentialId } = stage.alice
    const link = (certificates: readonly Uint8Array[]) =>
      stage.sam.call('certificates/link', { credentialId, certificates })
    await assertRefused(stage, 'certificate-mismatch', () => link(chainOf(stage, stage.mallory)))
    await link(chainOf(stage, stage.alice))
    await signs(stage, stage.alice)
  })

  it('refuses a chain that does not lead to a root of the roster, or is broken', async () => {
    const { credentialId, keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const { certificates } = await issue(attestation)
    const [leaf = new Uint8Array(), issuing = new Uint8Array(), root = new Uint8Array()] = certificates
    const foreign = chainOf(elsewhere, elsewhere.alice)
    const link = (chain: readonly Uint8Array[]) =>
      stage.sam.call('certificates/link', { credentialId, certificates: chain })
    await assertRefused(stage, 'certificate-mismatch', () => link([leaf, ...foreign.slice(1)]))
    await assertRefused(stage, 'certificate-mismatch', () => link([flipped(leaf), issuing, root]))
    await assertRefused(stage, 'certificate-mismatch', () => link([leaf, flipped(issuing), root]))
    await assertRefused(stage, 'certificate-mismatch', () => link([issuing, root]))
    await assertRefused(stage, 'malformed', () => link([leaf.slice(1), issuing, root]))
    await link(certificates)
  })

  it('does not sign, nor issue a ticket, before a certificate is linked', async () => {
    const { credentialId, keyAttestation: attestation } = await enrolled(stage, 'Bob')
    const ticket = () => stage.sam.call('tickets/approve', { credentialId, clientId: 'application' })
    await assertRefused(stage, 'credential-inactive', ticket)
    const { certificates } = await issue(attestation)
    await stage.sam.call('certificates/link', { credentialId, certificates })
    await ticket()
  })
})
