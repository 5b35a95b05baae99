import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type ApproveTicket,
  approveTicket,
  type EnrolTicket,
  enrolTicket,
  finishJws,
  jwsSigningInput,
} from '@natsuin/protocol/approval'
import type { Deployment } from './deployment.ts'
import { openTicket, secondsLeft } from './ticket.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const deployment: Deployment = {
  samKey: key.publicKey.export({ type: 'spki', format: 'der' }),
  serverOrigin: 'https://sign.example',
  deployment: 'Example',
}

const common = {
  v: 1,
  nonce: new Uint8Array(32),
  deployment: 'Example',
  instance: 'sam-1',
  bootId: 'boot',
  issuedAt: 1000,
  expiresAt: 1300,
  level: 1,
} as const

const ticket: ApproveTicket = {
  ...common,
  purpose: 'approve',
  signer: { authenticators: { count: 1, changedAt: 0 }, id: 'signer', name: '山田 花子' },
  credential: { id: 'credential', label: 'P-256', keyType: 'ec-p256' },
  client: { id: 'client', name: 'Example Application' },
  maxSignatures: 2,
  approvals: ['passkey'],
  bases: ['seen'],
}

function issue(payload: unknown, { privateKey } = key): string {
  const input = jwsSigningInput('natsuin-ticket', payload)
  return finishJws(input, sign('sha256', utf8(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}

const open = (text: string) => openTicket(text, approveTicket, deployment, nodePlatform)

describe('opening a ticket', () => {
  it('gives what the SAM signed', async () => {
    assert.deepEqual(await open(issue(ticket)), ticket)
  })

  it('refuses every ticket before it knows a key', async () => {
    const { samKey: _, ...unfounded } = deployment
    const opening = openTicket(issue(ticket), approveTicket, unfounded, nodePlatform)
    await assert.rejects(opening, { code: 'sam-key-unknown' })
  })

  it('refuses a ticket by any other key', async () => {
    await assert.rejects(open(issue(ticket, otherKey)), { code: 'ticket-not-genuine' })
  })

  it('refuses a ticket that was changed after it was signed', async () => {
    const [head, , signature] = issue(ticket).split('.')
    const changed = toBase64url(
      utf8(JSON.stringify({ ...ticket, client: { id: 'client', name: 'Another' } })),
    )
    await assert.rejects(open(`${head}.${changed}.${signature}`), { code: 'ticket-not-genuine' })
  })

  it('refuses a genuine ticket for another purpose', async () => {
    const enrol: EnrolTicket = {
      ...common,
      purpose: 'enrol',
      attested: false,
      grantId: 'grant',
      subject: { commonName: '山田 花子' },
      credentialClass: 'level-1',
      keyType: 'ec-p256',
      approvals: ['passkey'],
    }
    assert.deepEqual(await openTicket(issue(enrol), enrolTicket, deployment, nodePlatform), enrol)
    await assert.rejects(open(issue(enrol)), { code: 'ticket-not-genuine' })
  })

  it('refuses a genuine ticket of another deployment', async () => {
    await assert.rejects(open(issue({ ...ticket, deployment: 'Another' })), {
      code: 'ticket-other-deployment',
    })
  })
})

describe('the time that is left of a ticket', () => {
  it('goes by the clock where the clock can be right', () => {
    assert.equal(secondsLeft(ticket, 1010, 10), 290)
    assert.equal(secondsLeft(ticket, 1250, 10), 50)
  })

  it('goes by what has passed since the ticket came where the clock cannot be right', () => {
    assert.equal(secondsLeft(ticket, 9_999_999, 10), 290)
    assert.equal(secondsLeft(ticket, 5, 10), 290)
  })

  it('is never negative', () => {
    assert.equal(secondsLeft(ticket, 1400, 400), 0)
  })
})
