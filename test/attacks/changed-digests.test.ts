/**
 * Digests that are changed, added, reordered or counted differently after the approval (T-SAD-03 to 11, 22, 23).
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { concat, toHex, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type ApprovalItem, type DocumentItem, type SeenItem, toWire } from '@natsuin/protocol/approval'
import type { SapRefusal, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import { approveStatementBytes, byPasskey } from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import {
  answerTo,
  approved,
  assertRefused,
  assertSignatures,
  chainOf,
  flipped,
  openStage,
  type Stage,
  seenItems,
  sha256,
  signs,
  ticketFor,
  useOf,
} from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

let items: SeenItem[]
let sad: SapResponse<'approve'>

async function approveThree(): Promise<void> {
  items = await seenItems('first.pdf', 'second.pdf', 'third.pdf')
  sad = await approved(stage, stage.alice, items)
}

const digest = (i: number) => items[i]?.dtbsr ?? new Uint8Array()
const sign = (changes: Partial<SapRequest<'sign'>> = {}) => stage.sam.call('sign', useOf(sad, items, changes))

describe('after an approval of three documents', () => {
  before(approveThree)

  it('no other representation is signed (T-SAD-05)', async () => {
    const [h1, h2, h3] = [digest(0), digest(1), digest(2)]
    const attempts: readonly (readonly [SapRefusal, string, readonly Uint8Array[]])[] = [
      ['dtbsr-not-authorised', 'another', [sha256(randomBytes(8))]],
      ['dtbsr-not-authorised', 'the first bit changed', [flipped(h1, 0)]],
      ['dtbsr-not-authorised', 'the last bit changed', [flipped(h1)]],
      ['dtbsr-not-authorised', 'the bytes backwards', [h1.toReversed()]],
      ['dtbsr-not-authorised', 'one of three exchanged', [h1, flipped(h2), h3]],
      ['multisign-exceeded', 'one added', [h1, h2, h3, sha256(randomBytes(8))]],
      ['multisign-exceeded', 'one twice and all (T-SAD-06)', [h1, h2, h3, h1]],
      ['dtbsr-not-authorised', 'one twice (T-SAD-06)', [h1, h1]],
      ['dtbsr-not-authorised', 'one three times (T-SAD-06)', [h1, h1, h1]],
      ['digest-length', 'a prefix (T-SAD-09)', [h1.slice(0, 31)]],
      ['digest-length', 'followed by a zero (T-SAD-09)', [concat(h1, new Uint8Array(1))]],
      ['digest-length', 'as long as SHA-1 (T-SAD-09)', [h1.slice(0, 20)]],
      ['digest-length', 'as long as SHA-512 (T-SAD-09)', [concat(h1, h2)]],
      ['digest-length', 'in hexadecimal (T-SAD-05)', [utf8(toHex(h1))]],
      ['digest-length', 'a ready DigestInfo (T-SAD-11)', [concat(DIGEST_INFO, h1)]],
      ['malformed', 'nothing', [new Uint8Array()]],
      ['malformed', 'none', []],
      ['dtbsr-not-authorised', 'the document’s own digest', [items[0]?.documentDigest ?? h1]],
    ]
    for (const [code, what, dtbsrs] of attempts) {
      await assertRefused(stage, code, () => sign({ dtbsrs }), what)
    }
  })

  it('no other algorithm signs them (T-SAD-10)', async () => {
    const algorithms = [
      { digestAlgorithm: 'sha384' },
      { digestAlgorithm: 'sha512' },
      { signatureAlgorithm: 'ecdsa-sha384' },
      { signatureAlgorithm: 'ecdsa-sha512' },
      { digestAlgorithm: 'sha384', signatureAlgorithm: 'ecdsa-sha384' },
    ] as const
    for (const changes of algorithms) {
      await assertRefused(stage, 'algorithm-mismatch', () => sign(changes), JSON.stringify(changes))
    }
  })

  it('the three are still signed: what was refused spent nothing (T-SAD-04)', async () => {
    await assertSignatures(stage, stage.alice, items, (await sign()).signatures)
    await assertRefused(stage, 'sad-spent', sign)
  })
})

/** RFC 8017, 9.2, note 1: DigestInfo of SHA-256 up to the digest. */
const DIGEST_INFO = new Uint8Array(Buffer.from('3031300d060960864801650304020105000420', 'hex'))

describe('approved documents', () => {
  it('may be signed in any order and in parts, and each value is for its own (T-SAD-06, T-SAD-07)', async () => {
    await approveThree()
    const [first, second, third] = items
    assert.ok(first && second && third)
    const one = await sign({ dtbsrs: [second.dtbsr] })
    await assertSignatures(stage, stage.alice, [second], one.signatures)
    await assertRefused(stage, 'dtbsr-not-authorised', () => sign({ dtbsrs: [second.dtbsr] }))
    await assertRefused(stage, 'multisign-exceeded', sign)
    const rest = await sign({ dtbsrs: [third.dtbsr, first.dtbsr] })
    await assertSignatures(stage, stage.alice, [third, first], rest.signatures)
  })

  it('fifty at once, shuffled: value i is for representation i (T-SAD-07)', async () => {
    const many = await seenItems(...Array.from({ length: 50 }, (_, i) => `${i}.pdf`))
    const shuffled = many.toSorted((a, b) => Buffer.compare(a.dtbsr, b.dtbsr))
    const { signatures } = await stage.sam.call(
      'sign',
      useOf(await approved(stage, stage.alice, many), shuffled),
    )
    await assertSignatures(stage, stage.alice, shuffled, signatures)
  })

  it('are signed as often as they were approved: twice, and not three times (T-SAD-06)', async () => {
    const [item] = await seenItems('twice.pdf')
    assert.ok(item)
    items = [item, item]
    sad = await approved(stage, stage.alice, items)
    await assertSignatures(stage, stage.alice, items, (await sign()).signatures)
    await assertRefused(stage, 'sad-spent', () => sign({ dtbsrs: [item.dtbsr] }))
  })

  it('never become more than approved, however the calls are cut and timed (T-SAD-03)', async () => {
    for (let round = 0; round < rounds('race'); round++) {
      items = await seenItems(...Array.from({ length: 10 }, (_, i) => `${i}.pdf`))
      sad = await approved(stage, stage.alice, items)
      const before = stage.keyUses()
      const calls = Array.from({ length: 40 }, (_, i) => {
        const start = (i * 7 + round) % 10
        return sign({ dtbsrs: items.slice(start, start + 1 + (i % 3)).map(({ dtbsr }) => dtbsr) })
      })
      const results = await Promise.allSettled(calls)
      const delivered = results.flatMap(one => (one.status === 'fulfilled' ? one.value.signatures : []))
      assert.ok(delivered.length <= 10)
      assert.equal(stage.keyUses().completed - before.completed, delivered.length)
    }
  })
})

describe('after an approval of the digest of a document, of which the SAM makes what is signed', () => {
  const document = { hashType: 'sdr', documentDigest: sha256(randomBytes(8)) } as const
  const asked = { ...document, cms: 'pades' } as const
  const signing = (dtbsrs: SapRequest<'sign'>['dtbsrs']) =>
    stage.sam.call('sign', { ...useOf(sad, []), dtbsrs })
  before(async () => {
    const item: DocumentItem = { basis: 'seen', label: 'contract.pdf', ...document }
    sad = await approved(stage, stage.alice, [item, { ...item, documentDigest: sha256(randomBytes(8)) }])
  })

  it('nothing is signed that follows from anything else (T-SAD-05)', async () => {
    const { documentDigest } = document
    const dtbs = await templateFor(documentDigest)
    const attempts: readonly (readonly [SapRefusal, string, SapRequest<'sign'>['dtbsrs'][number]])[] = [
      ['dtbsr-not-authorised', 'the approved digest itself', documentDigest],
      ['dtbsr-not-authorised', 'what the SAM would make of it', sha256(dtbs)],
      ['representation-refused', 'what the server made of it', { ...document, dtbsr: sha256(dtbs), dtbs }],
      ['representation-refused', 'the same without saying of what', { ...document, dtbsr: sha256(dtbs) }],
      ['dtbsr-not-authorised', 'another digest', { ...asked, documentDigest: flipped(documentDigest) }],
      ['dtbsr-not-authorised', 'the digest of a whole file', { ...asked, hashType: 'sodr', cms: 'cades' }],
      ['digest-length', 'a prefix (T-SAD-09)', { ...asked, documentDigest: documentDigest.slice(0, 31) }],
    ]
    for (const [code, what, one] of attempts) await assertRefused(stage, code, () => signing([one]), what)
    await assertRefused(stage, 'dtbsr-not-authorised', () => signing([asked, asked]), 'twice (T-SAD-06)')
  })

  it('nothing is put into what the SAM makes', async () => {
    const wishes: readonly object[] = [
      { signingTime: 0 },
      { dtbs: new Uint8Array(1) },
      { dtbsr: new Uint8Array(32) },
      { certificateDigest: new Uint8Array(32) },
      { cms: 'xades' },
      { hashType: 'sodr' },
      { hashType: 'dtbsr' },
    ]
    for (const wish of wishes) {
      // What no honest server sends has no type.
      const one = { ...asked, ...wish } as typeof asked
      await assertRefused(stage, 'malformed', () => signing([one]), JSON.stringify(wish))
    }
  })

  it('it is still signed, once, as the SAM made it (T-SAD-06)', async () => {
    const { signatures, made } = await signing([asked])
    const dtbs = await templateFor(document.documentDigest)
    assert.deepEqual(made, [{ index: 0, signedAttributes: dtbs }])
    await assertSignatures(stage, stage.alice, [{ dtbs }], signatures)
    await assertRefused(stage, 'dtbsr-not-authorised', () => signing([asked]))
  })

  it('it was approved as what the signer saw, and not as anything else (T-SAD-23)', async () => {
    const item: DocumentItem = { basis: 'seen', label: 'contract.pdf', ...document }
    const { ticket } = await ticketFor(stage, stage.alice)
    const { statement, assertion } = answerTo(stage, stage.alice, approveStatementBytes(ticket, [item]))
    const lie = approveStatementBytes(ticket, [{ ...item, hashType: 'sodr' }])
    await assertRefused(stage, 'challenge-mismatch', () =>
      stage.sam.call('approve', byPasskey({ statement: lie, assertion })),
    )
    await stage.sam.call('approve', byPasskey({ statement, assertion }))
    for (const [code, wrong] of [
      ['hash-type-refused', { ...item, hashType: 'sodr' }],
      ['malformed', { ...item, hashType: 'dtbsr' }],
      ['malformed', { ...item, dtbsr: new Uint8Array(32) }],
      ['basis-refused', { ...item, basis: 'unseen' }],
    ] as const) {
      const items = [wrong] as readonly ApprovalItem[] // what no honest page writes has no type
      await assertRefused(stage, code, () => approved(stage, stage.alice, items), JSON.stringify(wrong))
    }
  })

  async function templateFor(messageDigest: Uint8Array): Promise<Uint8Array> {
    const signingCertificate = await essCertIdOf(
      chainOf(stage, stage.alice)[0] ?? new Uint8Array(),
      'sha256',
      nodePlatform,
    )
    return buildSignedAttributes({ messageDigest, signingCertificate })
  }
})

describe('a statement that was changed after the passkey answered', () => {
  it('is refused, whatever was changed (T-SAD-23)', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const good = await seenItems('first.pdf', 'second.pdf')
    const [other] = await seenItems('other.pdf')
    assert.ok(good[0] && good[1] && other)
    const { statement, assertion } = answerTo(stage, stage.alice, approveStatementBytes(ticket, good))
    const changed = [
      approveStatementBytes(ticket, good.toReversed()),
      approveStatementBytes(ticket, [...good, other]),
      approveStatementBytes(ticket, good.slice(1)),
      approveStatementBytes(ticket, [good[0], other]),
      approveStatementBytes(ticket, [{ ...good[0], label: 'harmless.pdf' }, good[1]]),
      approveStatementBytes((await ticketFor(stage, stage.alice)).ticket, good),
      concat(statement, utf8(' ')),
      flipped(statement, statement.length >> 1),
    ]
    for (const wrong of changed) {
      await assertRefused(stage, 'challenge-mismatch', () =>
        stage.sam.call('approve', byPasskey({ statement: wrong, assertion })),
      )
    }
    await stage.sam.call('approve', byPasskey({ statement, assertion }))
  })

  it('is refused when the page itself says what cannot be (T-SAD-22)', async () => {
    const good = await seenItems('first.pdf', 'second.pdf')
    const many = await seenItems(...Array.from({ length: 101 }, (_, i) => `${i}.pdf`))
    const attempts: readonly (readonly [SapRefusal, object])[] = [
      ['count-mismatch', { numSignatures: 3 }],
      ['count-mismatch', { numSignatures: 1 }],
      ['malformed', { numSignatures: 0 }],
      ['malformed', { numSignatures: -1 }],
      ['malformed', { numSignatures: 1.5 }],
      ['malformed', { numSignatures: '2' }],
      ['malformed', { numSignatures: 2 ** 53 }],
      ['malformed', { items: [] }],
      ['multisign-exceeded', { numSignatures: many.length, items: many }],
      ['algorithm-mismatch', { digestAlgorithm: 'sha512' }],
    ]
    for (const [code, changes] of attempts) {
      const { ticket } = await ticketFor(stage, stage.alice)
      const members = {
        v: 1,
        purpose: 'approve',
        ticket,
        digestAlgorithm: 'sha256',
        numSignatures: 2,
        items: good,
      }
      const statement = writeJson(toWire({ ...members, ...changes }))
      await assertRefused(stage, code, () =>
        stage.sam.call('approve', byPasskey(answerTo(stage, stage.alice, statement))),
      )
    }
    await signs(stage, stage.alice, ['first.pdf', 'second.pdf'])
  })

  it('is refused when it says something twice (T-RAR-02)', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const good = new TextDecoder().decode(approveStatementBytes(ticket, await seenItems('contract.pdf')))
    const twice = utf8(good.replace('{"v":1', '{"v":1,"v":1'))
    await assertRefused(stage, 'malformed', () =>
      stage.sam.call('approve', byPasskey(answerTo(stage, stage.alice, twice))),
    )
    await stage.sam.call('approve', byPasskey(answerTo(stage, stage.alice, utf8(good))))
  })
})
