import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64 } from '@natsuin/pki/encoding'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { DocumentDigest } from '@natsuin/protocol/csc'
import {
  createRequestKey,
  detailFor,
  type RequestKey,
  requestClaims,
  signRequestObject,
} from '@natsuin/testing/deployment'
import type { EvidenceReason } from '../verdict.ts'
import { checkRequest } from './request.ts'

const ISSUER = 'https://sign.example'
const NOW = 1_700_000_000
const key = createRequestKey('portal-1')

function vouchedOne(label: string) {
  const dtbsr = new Uint8Array(randomBytes(32))
  const item: ApprovalItem = { basis: 'vouched', label, dtbsr }
  return { item, digest: { hash: toBase64(dtbsr), label } }
}

const one = vouchedOne('contract.pdf')
const two = vouchedOne('annex.pdf')

interface Changes {
  readonly claims?: object
  readonly credentialId?: string
  readonly items?: readonly ApprovalItem[]
  readonly digests?: readonly DocumentDigest[]
  readonly signedWith?: RequestKey
  readonly keys?: readonly RequestKey[]
  readonly issuer?: string
  readonly digestAlgorithm?: 'sha256' | 'sha384'
}

function check(changes: Changes = {}) {
  const { credentialId = 'credential', items = [one.item, two.item], keys = [key] } = changes
  const digests = changes.digests ?? [one.digest, two.digest]
  const detail = detailFor(
    'credential',
    digests.map(digest => ({ digest })),
  )
  const claims = {
    ...requestClaims({ clientId: 'portal', issuer: ISSUER, detail, now: NOW }),
    ...changes.claims,
  }
  const statement = {
    items,
    digestAlgorithm: changes.digestAlgorithm ?? 'sha256',
    requestObject: signRequestObject(changes.signedWith ?? key, claims),
  }
  const ticket = { client: { id: 'portal', keys }, credential: { id: credentialId }, issuedAt: NOW + 10 }
  return checkRequest({ statement, ticket }, { roster: { issuer: changes.issuer ?? ISSUER } })
}

describe('what the application signed, in evidence', () => {
  it('names the key', async () => assert.equal(await check(), 'portal-1'))

  it('is nothing when the statement carries nothing and nothing was vouched for', async () => {
    const ticket = { client: { id: 'portal' }, credential: { id: 'credential' }, issuedAt: NOW }
    const sam = { roster: { issuer: ISSUER } }
    const unseen: ApprovalItem = { ...one.item, basis: 'unseen', dtbsr: one.item.dtbsr }
    const plain = { digestAlgorithm: 'sha256', items: [unseen] } as const
    assert.equal(await checkRequest({ statement: plain, ticket }, sam), undefined)
    const vouched = { ...plain, items: [one.item] }
    await assert.rejects(checkRequest({ statement: vouched, ticket }, sam), { reason: 'request-not-genuine' })
  })

  const wrong: Readonly<Record<string, readonly [EvidenceReason, Changes]>> = {
    'a key that the ticket does not name': [
      'request-not-genuine',
      { signedWith: createRequestKey('portal-1') },
    ],
    'a client without keys': ['request-not-genuine', { keys: [] }],
    'another service': ['request-not-genuine', { issuer: 'https://elsewhere.example' }],
    'an expiry before the ticket': ['request-not-genuine', { claims: { exp: NOW + 10 } }],
    'no id': ['request-not-genuine', { claims: { jti: undefined } }],
    'another credential': ['request-differs', { credentialId: 'another' }],
    'another digest algorithm': ['request-differs', { digestAlgorithm: 'sha384' }],
    'another label': ['request-differs', { items: [{ ...one.item, label: 'x' }, two.item] }],
    'another digest': ['request-differs', { items: [{ ...one.item, dtbsr: two.item.dtbsr }, two.item] }],
    'another order': ['request-differs', { items: [two.item, one.item] }],
    'an item less': ['request-differs', { items: [one.item] }],
    'an item more': ['request-differs', { digests: [one.digest] }],
    'an item that is said to be unseen': [
      'request-differs',
      { items: [{ ...one.item, basis: 'unseen', dtbsr: one.item.dtbsr }, two.item] },
    ],
  }
  for (const [what, [reason, changes]] of Object.entries(wrong)) {
    it(`is refused with ${what}: ${reason}`, async () => assert.rejects(check(changes), { reason }))
  }

  it('is compared with the document that was seen, where the application named that too', async () => {
    const [dtbs, documentDigest, other] = [randomBytes(40), randomBytes(32), randomBytes(32)].map(
      bytes => new Uint8Array(bytes),
    ) as [Uint8Array, Uint8Array, Uint8Array]
    const { label, dtbsr } = one.item
    const items: ApprovalItem[] = [{ basis: 'seen', label, dtbsr, dtbs, documentDigest }]
    const good = { ...one.digest, dtbs: toBase64(dtbs), documentDigest: toBase64(documentDigest) }
    assert.equal(await check({ items, digests: [good] }), 'portal-1')
    for (const name of ['dtbs', 'documentDigest'] as const) {
      const digests = [{ ...good, [name]: toBase64(other) }]
      await assert.rejects(check({ items, digests }), { reason: 'request-differs' })
    }
  })
})
