import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type ApprovalItem, approveStatement } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'
import { readStrictJson } from '@natsuin/protocol/shape'
import { approvalBytes, approvedItems, checkItems } from './approval.ts'
import { digest, digestOfPrepared, itemFor, prepared } from './fixture/prepared.ts'

type Item = RequestedItem

const check = (items: readonly Item[], maxSignatures = 10) =>
  checkItems({ digestAlgorithm: 'sha256', items }, { maxSignatures }, nodePlatform)

const document = prepared('an agreement')
const plain = { requestObject: undefined }

describe('the items of a request', () => {
  it('are taken when signed attributes, digest and document digest agree', async () => {
    const item = await itemFor(document)
    const { dtbs, dtbsr, documentDigest } = item
    assert.deepEqual(await check([item]), [
      { label: 'agreement.pdf', dtbsr, preimage: { dtbs, documentDigest } },
    ])
  })

  it('are taken without a preimage when the application sent the digest alone', async () => {
    const { label, dtbsr } = await itemFor(document)
    assert.deepEqual(await check([{ label, dtbsr }]), [{ label, dtbsr }])
  })

  it('are refused when they contradict themselves', async () => {
    const item = await itemFor(document)
    const other = await itemFor(prepared('another'))
    const wrong: readonly Item[] = [
      { ...item, dtbsr: other.dtbsr },
      { ...item, dtbs: other.dtbs },
      { ...item, documentDigest: await digestOfPrepared(prepared('another')) },
      { ...item, dtbsr: new Uint8Array(48) },
      { ...item, dtbs: utf8('no attributes'), dtbsr: await digest(utf8('no attributes')) },
    ]
    for (const one of wrong) await assert.rejects(check([one]), { code: 'request-inconsistent' })
  })

  it('may be digests of documents, as long as their algorithm says, and come as they were asked for', async () => {
    const [sdr, sodr] = (['sdr', 'sodr'] as const).map(hashType => ({
      label: 'agreement.pdf',
      hashType,
      documentDigest: new Uint8Array(32),
    }))
    assert.ok(sdr && sodr)
    assert.deepEqual(await check([sdr, sodr]), [sdr, sodr])
    const long = { ...sdr, documentDigest: new Uint8Array(48) }
    await assert.rejects(check([long]), { code: 'request-inconsistent' })
  })

  it('are refused when they are more than one approval may allow', async () => {
    const item = await itemFor(document)
    assert.equal((await check([item, item], 2)).length, 2)
    await assert.rejects(check([item, item], 1), { code: 'too-many-signatures' })
  })
})

describe('what is approved', () => {
  it('says of each item whether it was seen, in the order of the request', async () => {
    const first = await itemFor(document, 'first.pdf')
    const second = await itemFor(prepared('another'), 'second.pdf')
    const items = approvedItems(await check([first, second]), new Map([[1, prepared('another')]]), plain)
    assert.deepEqual(items, [
      { basis: 'unseen', label: 'first.pdf', dtbsr: first.dtbsr },
      { basis: 'seen', ...second },
    ])
  })

  it('is vouched for where it was not seen, when the application signed the request', async () => {
    const [first, second] = [await itemFor(document, 'first.pdf'), await itemFor(prepared('another'))]
    const signed = { requestObject: 'a.b.c' }
    const items = approvedItems(await check([first, second]), new Map([[1, prepared('another')]]), signed)
    assert.deepEqual(items, [
      { basis: 'vouched', label: 'first.pdf', dtbsr: first.dtbsr },
      { basis: 'seen', ...second },
    ])
  })

  it('is of a document what was asked for, seen where the page has it and else vouched for or unseen', async () => {
    const document = { label: 'agreement.pdf', hashType: 'sodr', documentDigest: new Uint8Array(32) } as const
    const items = await check([document, document])
    const seen = new Map([[1, true]])
    assert.deepEqual(approvedItems(items, seen, plain), [
      { basis: 'unseen', ...document },
      { basis: 'seen', ...document },
    ])
    assert.equal(approvedItems(items, seen, { requestObject: 'a.b.c' })[0]?.basis, 'vouched')
    const asked = { digestAlgorithm: 'sha256', requestObject: undefined } as const
    const written = approvalBytes('a.b.c', asked, approvedItems(items, seen, plain))
    assert.deepEqual(readStrictJson(written, approveStatement).items, approvedItems(items, seen, plain))
  })

  it('is written as the SAM reads it', async () => {
    const item = await itemFor(document)
    const items: readonly ApprovalItem[] = [
      { basis: 'seen', ...item, documentDigest: await digestOfPrepared(document) },
      { basis: 'unseen', label: '契約書', dtbsr: item.dtbsr },
    ]
    const asked = { digestAlgorithm: 'sha256', requestObject: 'd.e.f' } as const
    const statement = readStrictJson(approvalBytes('a.b.c', asked, items), approveStatement)
    assert.deepEqual(statement, {
      v: 1,
      purpose: 'approve',
      ticket: 'a.b.c',
      digestAlgorithm: 'sha256',
      numSignatures: 2,
      items,
      requestObject: 'd.e.f',
    })
    const unsigned = approvalBytes('a.b.c', { ...asked, requestObject: undefined }, items)
    assert.ok(!('requestObject' in readStrictJson(unsigned, approveStatement)))
  })
})
