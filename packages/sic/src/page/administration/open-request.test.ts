import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import {
  type Act,
  type AdministrativeRequest,
  administerStatement,
  type CarriedRequest,
  type Change,
  requestBytes,
} from '@natsuin/protocol/administration'
import { type AdministerTicket, finishJws, jwsSigningInput } from '@natsuin/protocol/approval'
import { rosterBytes } from '@natsuin/protocol/genesis'
import { readStrictJson } from '@natsuin/protocol/shape'
import { exampleRoster } from '../fixture/roster.ts'
import { openRequest } from './open-request.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const deployment = {
  samKey: key.publicKey.export({ type: 'spki', format: 'der' }),
  serverOrigin: 'https://sign.example',
  deployment: 'Example',
}

function issue(payload: AdministerTicket): string {
  const input = jwsSigningInput('natsuin-ticket', payload)
  const { privateKey } = key
  return finishJws(input, sign('sha256', utf8(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}

const asked = (changes: readonly Change[]): CarriedRequest => askedFor({ kind: 'amend', changes })

function askedFor(act: Act, roster = exampleRoster): CarriedRequest {
  const request: AdministrativeRequest = {
    v: 1,
    deployment: 'Example',
    roster: { version: roster.version, digest: digestSync('sha256', rosterBytes(roster)) },
    act,
    reason: 'because',
    nonce: new Uint8Array(16),
    notAfter: 2000,
  }
  return { ticket: ticketFor(request), allow: [], request, roster }
}

const ticketFor = (request: AdministrativeRequest): string =>
  issue({
    v: 1,
    purpose: 'administer',
    nonce: new Uint8Array(32),
    deployment: 'Example',
    instance: 'sam-1',
    bootId: 'boot',
    issuedAt: 1000,
    expiresAt: 1300,
    level: 1,
    person: { id: 's-1', name: '山田 花子' },
    requestDigest: digestSync('sha256', requestBytes(request)),
  })

const raised: Change = { kind: 'quorum-set', quorum: 3 }
const open = (given: CarriedRequest) => openRequest(given, deployment, nodePlatform)

describe('opening a request of administration', () => {
  it('gives who is asked, what changes, and what the passkey is to answer', async () => {
    const given = asked([raised])
    const { ticket, changes, statement } = await open(given)
    assert.equal(ticket.person.name, '山田 花子')
    assert.deepEqual(
      changes.map(({ kind, rows }) => [kind, rows.map(({ before, after }) => [before, after])]),
      [['quorum-set', [['2', '3']]]],
    )
    const { purpose, ticket: text, request } = readStrictJson(statement, administerStatement)
    assert.deepEqual(
      { purpose, text, request },
      { purpose: 'administer', text: given.ticket, request: given.request },
    )
  })

  it('shows what becomes of keys when the master key is replaced', async () => {
    const { changes } = await open(askedFor({ kind: 'rotate-master-key', replaces: 'natsuin-master' }))
    assert.deepEqual(
      changes.map(({ kind, rows }) => [kind, rows.map(({ name, before }) => [name.en, before])]),
      [
        [
          'rotate-master-key',
          [
            ['Master key', 'natsuin-master'],
            ['Keys of signers', undefined],
            ['Copies of destroyed keys', undefined],
          ],
        ],
      ],
    )
  })

  it('shows to whom copies of a new master key go', async () => {
    const custodians = ['chiyo', 'emi'].map(id => ({ id, publicKey: new Uint8Array(64).fill(id.length) }))
    const backup = { threshold: 2, custodians }
    const { changes } = await open(
      askedFor({ kind: 'rotate-master-key', replaces: 'natsuin-master', backup }),
    )
    const rows = changes[0]?.rows.slice(-2).map(({ name, after }) => [name.en, after])
    assert.match(String(rows?.[0]), /^Copies go to,chiyo \(([0-9a-f]{4} ?){5}\), emi \(/)
    assert.deepEqual(rows?.[1], ['Needed to restore it', '2'])
  })

  it('shows how old the state is that a restoration brought back, and what to do about it', async () => {
    const pending = { restorationDigest: new Uint8Array(32), restoredAt: 2_000_000_000, stateSize: 12 }
    const act = { kind: 'resume-after-restore', ...pending, newestAt: 1_999_000_000_000 } as const
    const { changes } = await open(askedFor(act))
    const names = changes.flatMap(({ rows }) => rows.map(({ name }) => name.en))
    assert.deepEqual(names, [
      'Keys restored',
      'Newest record that is there',
      'Records',
      'What was revoked or removed after that',
    ])
  })

  it('shows the name and the key of which a certificate is requested', async () => {
    const credential = { credentialId: 'c-1', publicKeyDigest: new Uint8Array(32) }
    const credentials = [{ ...credential, subject: { commonName: '山田 花子', countryName: 'JP' } }]
    const { changes } = await open(askedFor({ kind: 'request-certificates', credentials }))
    assert.deepEqual(
      changes.map(({ about, rows }) => [about, rows.map(({ after }) => after)]),
      [['山田 花子', ['山田 花子', 'JP', 'c-1', '0000 0000 0000 0000 0000']]],
    )
  })

  it('refuses another request than the ticket names (T-ADM-05)', async () => {
    const given = asked([raised])
    const request: AdministrativeRequest = {
      ...given.request,
      act: { kind: 'amend', changes: [{ kind: 'level-set', maxLevel: 3 }] },
    }
    await assert.rejects(open({ ...given, request }), { code: 'request-inconsistent' })
  })

  it('refuses another roster than the request names: what was before would be a lie', async () => {
    const given = asked([raised])
    const roster = { ...exampleRoster, quorum: 3 }
    await assert.rejects(open({ ...given, roster }), { code: 'request-inconsistent' })
  })

  it('refuses a ticket of another deployment', async () => {
    const elsewhere = { ...deployment, deployment: 'Other' }
    await assert.rejects(openRequest(asked([raised]), elsewhere, nodePlatform), {
      code: 'ticket-other-deployment',
    })
  })
})
