import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { type ApprovalItem, approveStatement } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'
import { readStrictJson } from '@natsuin/protocol/shape'
import { approvalBytes, approvedItems, checkItems, matchDocument, obstacle } from './approval.ts'

type Item = RequestedItem

const digest = (bytes: Uint8Array) => nodePlatform.digest('sha256', bytes)

/** The part of a prepared PDF that its digest is made of: two ranges around a string of zeros. */
function prepared(text: string): Uint8Array<ArrayBuffer> {
  const gap = `<${'00'.repeat(32)}>`
  const head = (second: string, length: string) =>
    `${text} /ByteRange [0 ${first} ${second} ${length}] /Contents `
  const first = String(
    utf8(`${text} /ByteRange [0 0000000000 0000000000 0000000000] /Contents `).length,
  ).padStart(10, '0')
  const tail = ' %%EOF'
  const second = String(Number(first) + gap.length).padStart(10, '0')
  return utf8(head(second, String(tail.length).padStart(10, '0')) + gap + tail)
}

async function digestOfPrepared(document: Uint8Array): Promise<Uint8Array> {
  const text = new TextDecoder('latin1').decode(document)
  const gap = text.indexOf('<')
  return await digest(concat(document.subarray(0, gap), document.subarray(text.indexOf('>') + 1)))
}

async function itemFor(document: Uint8Array, label = 'agreement.pdf'): Promise<Item & { dtbs: Uint8Array }> {
  const documentDigest = await digestOfPrepared(document)
  const signingCertificate = await essCertIdOf(utf8('a certificate'), 'sha256', nodePlatform)
  const dtbs = buildSignedAttributes({ messageDigest: documentDigest, signingCertificate })
  return { label, dtbs, dtbsr: await digest(dtbs), documentDigest }
}

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

  it('are refused when they are more than one approval may allow', async () => {
    const item = await itemFor(document)
    assert.equal((await check([item, item], 2)).length, 2)
    await assert.rejects(check([item, item], 1), { code: 'too-many-signatures' })
  })
})

describe('a document', () => {
  it('belongs to the items whose signed attributes carry its digest', async () => {
    const other = prepared('another')
    const items = await check([await itemFor(other), await itemFor(document)])
    assert.deepEqual(await matchDocument(document, items, 'sha256', nodePlatform), [1])
  })

  it('is refused when it is not one of the request', async () => {
    const items = await check([await itemFor(document)])
    await assert.rejects(matchDocument(prepared('another'), items, 'sha256', nodePlatform), {
      code: 'document-unknown',
    })
  })

  it('is refused when one byte was changed', async () => {
    const items = await check([await itemFor(document)])
    const changed = document.slice()
    changed[0] = 0x41
    await assert.rejects(matchDocument(changed, items, 'sha256', nodePlatform), { code: 'document-unknown' })
  })

  it('is refused when it is not prepared for signing', async () => {
    const items = await check([await itemFor(document)])
    await assert.rejects(matchDocument(utf8('%PDF-2.0'), items, 'sha256', nodePlatform), {
      code: 'document-not-prepared',
    })
  })

  it('is never seen for an item that came without its preimage', async () => {
    const { label, dtbsr } = await itemFor(document)
    const items = await check([{ label, dtbsr }])
    await assert.rejects(matchDocument(document, items, 'sha256', nodePlatform), { code: 'document-unknown' })
    assert.equal(approvedItems(items, new Map([[0, document]]), plain)[0]?.basis, 'unseen')
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

describe('what stands between the signer and the button', () => {
  const seen: ApprovalItem = {
    basis: 'seen',
    label: 'x',
    dtbsr: new Uint8Array(32),
    dtbs: new Uint8Array(1),
    documentDigest: new Uint8Array(32),
  }
  const unseen: ApprovalItem = { basis: 'unseen', label: 'x', dtbsr: new Uint8Array(32) }

  const vouched: ApprovalItem = { ...unseen, basis: 'vouched' }
  const strict = { bases: ['seen'] } as const
  const lenient = { bases: ['seen', 'unseen'] } as const

  it('is nothing when every document was seen', () => {
    for (const ticket of [strict, lenient]) assert.equal(obstacle([seen], ticket, false), undefined)
  })

  it('is the signer’s word where the key accepts it, when a document was not seen', () => {
    assert.equal(obstacle([seen, unseen], lenient, false), 'unseen-not-accepted')
    assert.equal(obstacle([seen, unseen], lenient, true), undefined)
  })

  it('is nothing when the application vouched and the key accepts it, and beyond the signer when it does not', () => {
    assert.equal(obstacle([seen, vouched], { bases: ['seen', 'vouched'] }, false), undefined)
    assert.equal(obstacle([seen, vouched], lenient, true), 'basis-refused')
  })

  it('is beyond the signer where the key does not, when a document was not seen', () => {
    assert.equal(obstacle([seen, unseen], strict, true), 'basis-refused')
  })
})
