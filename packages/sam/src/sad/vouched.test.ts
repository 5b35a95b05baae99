import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { toBase64 } from '@natsuin/pki/encoding'
import type { ApprovalItem, DocumentItem, RepresentationItem, SeenItem } from '@natsuin/protocol/approval'
import type { DocumentDigest } from '@natsuin/protocol/csc'
import type { SapRefusal, SapRequest } from '@natsuin/protocol/sap'
import {
  answer,
  approveStatementBytes,
  byPasskey,
  createRequestKey,
  detailFor,
  requestClaims,
  signRequestObject,
} from '@natsuin/testing/deployment'
import { enrolSigner, type Signer, seenItem, signRequestFor, unseenItem } from '../fixture/people.ts'
import { foundPlace, ISSUER, type OpenPlace, ORIGIN, openPlace, type Place } from '../fixture/place.ts'
import { assertRefused } from '../fixture/refusals.ts'

/** An item that the application names, and what its request says of it. */
interface Named<I = ApprovalItem> {
  readonly item: I
  readonly digest: DocumentDigest
}

function vouchedOne(label = 'contract.pdf'): Named<RepresentationItem> {
  const dtbsr = new Uint8Array(randomBytes(32))
  return { item: { basis: 'vouched', label, dtbsr }, digest: { hash: toBase64(dtbsr), label } }
}

const seenOne = async (label?: string): Promise<Named<SeenItem>> => namedAs(await seenItem(label))

function namedAs(item: SeenItem): Named<SeenItem> {
  const { dtbsr: hash, dtbs, documentDigest } = item
  const bytes = { hash: toBase64(hash), dtbs: toBase64(dtbs), documentDigest: toBase64(documentDigest) }
  return { item, digest: { ...bytes, label: item.label } }
}

function vouchedDocument(hashType: 'SDR' | 'sodr' = 'SDR'): Named<DocumentItem> {
  const documentDigest = new Uint8Array(randomBytes(32))
  const [label, written] = ['contract.pdf', hashType === 'SDR' ? 'sdr' : 'sodr'] as const
  return {
    item: { basis: 'vouched', label, hashType: written, documentDigest },
    digest: { hash: toBase64(documentDigest), label, hashType },
  }
}

describe('what an application vouches for (sole-control 4, step 3)', () => {
  const key = createRequestKey('portal-1')
  let world: OpenPlace & Place
  let alice: Signer
  before(async () => {
    const { kid, publicKey } = key
    const clients = [
      { id: 'app', name: 'An Application', keys: [{ kid, publicKey }] },
      { id: 'other', name: 'Another Application' },
    ]
    const place = await foundPlace({ founding: { clients } })
    world = { ...place, ...(await openPlace(place)) }
    alice = await enrolSigner(world, { level: 3 })
  })
  after(() => world.store.close())

  interface Wrong {
    readonly claims?: object
    readonly detail?: object
    readonly items?: readonly ApprovalItem[]
    readonly clientId?: string
    readonly requestObject?: string
    /** Seconds between the request and the ticket. */
    readonly late?: number
  }

  const claimsFor = (named: readonly Named[], { detail = {}, claims = {} }: Wrong = {}) => ({
    ...requestClaims({
      clientId: 'app',
      issuer: ISSUER,
      detail: { ...detailFor(alice.credentialId, named), ...detail },
      now: Math.floor(world.clock.wall() / 1000),
    }),
    ...claims,
  })

  /** Alice approves what the application asked for, with at most one thing wrong. */
  async function approves(named: readonly Named[], wrong: Wrong = {}) {
    const signed = signRequestObject(key, claimsFor(named, wrong))
    world.clock.pass(wrong.late ?? 0)
    const { credentialId, device } = alice
    const { ticket, allow } = await world.sap['tickets/approve']({
      credentialId,
      clientId: wrong.clientId ?? 'app',
    })
    const items = wrong.items ?? named.map(({ item }) => item)
    const statement = approveStatementBytes(ticket, items, {
      requestObject: wrong.requestObject ?? signed,
    })
    return world.sap.approve(byPasskey(answer(statement, { device, origin: ORIGIN, allow })))
  }

  it('is approved at level 3 without having been seen, and signed', async () => {
    const named = [vouchedOne(), vouchedOne('annex.pdf')]
    const sad = await approves(named)
    const dtbsrs = named.map(({ item }) => item.dtbsr)
    const { signatures } = await world.sap.sign(signRequestFor(sad, dtbsrs))
    assert.equal(signatures.length, 2)
  })

  it('stands beside what was seen, in one request', async () => {
    const named = [vouchedOne(), await seenOne('annex.pdf')]
    const sad = await approves(named)
    const dtbsrs = named.map(({ item }) => item.dtbsr)
    assert.equal((await world.sap.sign(signRequestFor(sad, dtbsrs))).signatures.length, 2)
  })

  it('is signed from the preimage that the application gave', async () => {
    const { item, digest } = await seenOne()
    const { label, dtbsr } = item
    const sad = await approves([{ item: { basis: 'vouched', label, dtbsr }, digest }])
    assert.equal((await world.sap.sign(signRequestFor(sad, [dtbsr]))).signatures.length, 1)
  })

  it('may be approved for as long as the ticket lives, once the request was fresh when it was issued', async () => {
    const named = [vouchedOne()]
    const requestObject = signRequestObject(key, claimsFor(named))
    world.clock.pass(299)
    const { ticket, allow } = await world.sap['tickets/approve']({
      credentialId: alice.credentialId,
      clientId: 'app',
    })
    world.clock.pass(200)
    const statement = approveStatementBytes(
      ticket,
      named.map(({ item }) => item),
      { requestObject },
    )
    await world.sap.approve(byPasskey(answer(statement, { device: alice.device, origin: ORIGIN, allow })))
  })

  const [one, two] = [vouchedOne(), vouchedOne('annex.pdf')]
  const differently: readonly (readonly [string, readonly ApprovalItem[]])[] = [
    ['another label', [{ ...one.item, label: 'harmless.pdf' }, two.item]],
    ['another digest', [{ ...one.item, dtbsr: new Uint8Array(32) }, two.item]],
    ['another order', [two.item, one.item]],
    ['an item less', [one.item]],
    ['an item more', [one.item, two.item, vouchedOne().item]],
    ['an item twice', [one.item, one.item]],
  ]
  for (const [what, items] of differently) {
    it(`is refused with ${what} than the application signed: request-object-differs`, async () => {
      await assertRefused('request-object-differs', approves([one, two], { items }))
      await approves([one, two])
    })
  }

  it('is refused when the document that was seen is not the one that the application named', async () => {
    const named = await seenOne()
    const other = await seenItem()
    for (const digest of [
      { ...named.digest, documentDigest: toBase64(other.documentDigest) },
      { ...named.digest, dtbs: toBase64(other.dtbs) },
    ]) {
      await assertRefused('request-object-differs', approves([{ ...named, digest }]))
    }
    await approves([named])
  })

  it('is refused when the preimage that the application gave is another one’s', async () => {
    const { item, digest } = vouchedOne()
    const { dtbs } = await seenItem()
    await assertRefused('dtbs-mismatch', approves([{ item, digest: { ...digest, dtbs: toBase64(dtbs) } }]))
  })

  it('may be the digest of a document, which is signed as that and as nothing else', async () => {
    const { item, digest } = vouchedDocument()
    const sad = await approves([{ item, digest }, vouchedOne()])
    const { documentDigest } = item
    const signing = (dtbsrs: SapRequest<'sign'>['dtbsrs']) =>
      world.sap.sign({ ...signRequestFor(sad, []), dtbsrs })
    await assertRefused('dtbsr-not-authorised', signing([documentDigest]))
    assert.equal((await signing([{ hashType: 'sdr', documentDigest, cms: 'pades' }])).made?.length, 1)
  })

  const document = vouchedDocument()
  const { documentDigest } = document.item
  const otherwise: readonly (readonly [string, ApprovalItem])[] = [
    ['as a DTBS/R', { basis: 'vouched', label: 'contract.pdf', dtbsr: documentDigest }],
    ['with another digest', { ...document.item, documentDigest: new Uint8Array(32) }],
    ['under another label', { ...document.item, label: 'harmless.pdf' }],
  ]
  for (const [what, item] of otherwise) {
    it(`is refused ${what}, where the application signed for a document: request-object-differs`, async () => {
      await assertRefused('request-object-differs', approves([document], { items: [item] }))
      await approves([document])
    })
  }

  it('is refused as a document, where the application signed for a DTBS/R or for another kind of digest', async () => {
    const representation = vouchedOne()
    const file = { ...document.item, documentDigest: representation.item.dtbsr }
    await assertRefused('request-object-differs', approves([representation], { items: [file] }))
    await approves([representation])
    const whole = vouchedDocument('sodr')
    const form: DocumentItem = { ...whole.item, hashType: 'sdr' }
    await assertRefused('request-object-differs', approves([whole], { items: [form] }))
  })

  const wrong: readonly (readonly [string, SapRefusal, Wrong])[] = [
    ['for another credential', 'request-object-differs', { detail: { credentialID: 'another' } }],
    [
      'with another digest algorithm',
      'request-object-invalid',
      { detail: { hashAlgorithmOID: '2.16.840.1.101.3.4.2.2' } },
    ],
    ['of another client', 'request-object-invalid', { claims: { iss: 'other', client_id: 'other' } }],
    ['for another client’s ticket', 'request-object-invalid', { clientId: 'other' }],
    [
      'addressed to another service',
      'request-object-invalid',
      { claims: { aud: 'https://elsewhere.example' } },
    ],
    ['that had expired', 'request-object-expired', { late: 300 }],
    ['that stays good for longer than an hour', 'request-object-expired', { claims: { exp: 2 ** 39 } }],
    ['that is none', 'request-object-invalid', { requestObject: 'a.b.c' }],
  ]
  for (const [what, code, one] of wrong) {
    it(`is refused in a request ${what}: ${code}`, async () => {
      await assertRefused(code, approves([vouchedOne()], one))
      await approves([vouchedOne()])
    })
  }

  it('is refused when a key that the roster does not have signed it', async () => {
    const named = [vouchedOne()]
    const requestObject = signRequestObject(createRequestKey(key.kid), claimsFor(named))
    await assertRefused('request-object-invalid', approves(named, { requestObject }))
  })

  it('is refused without the application’s request: request-object-missing', async () => {
    const { credentialId, device } = alice
    const { ticket } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
    const statement = approveStatementBytes(ticket, [vouchedOne().item])
    const answered = byPasskey(answer(statement, { device, origin: ORIGIN }))
    await assertRefused('request-object-missing', world.sap.approve(answered))
  })

  it('is never taken for unseen: what the application named is vouched for or seen', async () => {
    const bob = await enrolSigner(world, { level: 1, subject: { commonName: 'Bob', countryName: 'JP' } })
    const { digest, item } = vouchedOne()
    const { ticket } = await world.sap['tickets/approve']({ credentialId: bob.credentialId, clientId: 'app' })
    const claims = requestClaims({
      clientId: 'app',
      issuer: ISSUER,
      detail: detailFor(bob.credentialId, [{ digest }]),
      now: Math.floor(world.clock.wall() / 1000),
    })
    const items = [{ ...unseenItem(item.label), dtbsr: item.dtbsr }]
    const statement = approveStatementBytes(ticket, items, { requestObject: signRequestObject(key, claims) })
    const answered = byPasskey(answer(statement, { device: bob.device, origin: ORIGIN }))
    await assertRefused('request-object-differs', world.sap.approve(answered))
  })

  it('is approved once: the same request is refused with another ticket, also after a restart', async () => {
    const named = [vouchedOne()]
    const requestObject = signRequestObject(key, claimsFor(named))
    await approves(named, { requestObject })
    await assertRefused('request-object-spent', approves(named, { requestObject }))
    // Its row is on disk, so that another process of this deployment refuses it as well.
    await world.store.close()
    world = { ...world, ...(await openPlace(world)) }
    await assertRefused('request-object-spent', approves(named, { requestObject }))
    await approves(named)
  })

  it('is not spent by an approval that was refused', async () => {
    const named = [vouchedOne()]
    const requestObject = signRequestObject(key, claimsFor(named))
    await assertRefused(
      'request-object-differs',
      approves(named, { requestObject, items: [vouchedOne().item] }),
    )
    await approves(named, { requestObject })
  })

  it('names the ticket’s client with its keys and origins, so that the page can verify it too', async () => {
    const { credentialId } = alice
    const { ticket } = await world.sap['tickets/approve']({ credentialId, clientId: 'app' })
    const { client } = JSON.parse(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString())
    const publicKey = Buffer.from(key.publicKey).toString('base64url')
    assert.deepEqual(client, { id: 'app', name: 'An Application', keys: [{ kid: key.kid, publicKey }] })
  })
})
