import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import type { RequestedItem } from '@natsuin/protocol/request'
import { checkItems } from '../approval.ts'
import { digest, digestOfPrepared, itemFor, itemOver, prepared } from '../fixture/prepared.ts'
import { Examiner, MAX_DOCUMENT_BYTES } from './document.ts'

const document = prepared('an agreement')

async function examinerOf(...items: readonly RequestedItem[]): Promise<Examiner> {
  const checked = await checkItems({ digestAlgorithm: 'sha256', items }, { maxSignatures: 10 }, nodePlatform)
  return new Examiner(checked, 'sha256', nodePlatform)
}

describe('a document that somebody gives the page', () => {
  it('is the items whose signed attributes carry its digest', async () => {
    const same = await itemFor(document)
    const examiner = await examinerOf(same, await itemFor(prepared('another')), same)
    const { indexes, document: seen } = await examiner.examine(new Blob([document]))
    assert.deepEqual([indexes, seen.kind], [[0, 2], 'pdf'])
  })

  it('may be of any kind, when the signature covers the whole file', async () => {
    const letter = utf8('Dear Sir or Madam')
    const examiner = await examinerOf(await itemOver(await digest(letter), 'letter.txt'))
    const { indexes, document: seen } = await examiner.examine(new Blob([letter]))
    assert.deepEqual([indexes, seen.kind, seen.risks], [[0], 'other', []])
    const plain = utf8('%PDF-1.7 not prepared')
    const whole = await examinerOf(await itemOver(await digest(plain)))
    assert.equal((await whole.examine(new Blob([plain]))).document.kind, 'pdf')
  })

  it('is what was asked for by its digest: in the form that is signed, or as a whole file', async () => {
    const [form, file] = [await digestOfPrepared(document), await digest(document)]
    const asked = (hashType: 'sdr' | 'sodr', documentDigest: Uint8Array) =>
      ({ label: 'agreement.pdf', hashType, documentDigest }) as const
    const examiner = await examinerOf(
      asked('sdr', form),
      asked('sodr', new Uint8Array(32)),
      asked('sdr', form),
    )
    assert.deepEqual((await examiner.examine(new Blob([document]))).indexes, [0, 2])
    const whole = await examinerOf(asked('sodr', file))
    assert.deepEqual((await whole.examine(new Blob([document]))).indexes, [0])
    // A CMS signature beside a file is over the whole of it.
    const detached = await examinerOf(asked('sdr', file))
    assert.deepEqual((await detached.examine(new Blob([document]))).indexes, [0])
  })

  it('is no whole file by the digest of what of it is signed (T-UI-02)', async () => {
    const item = {
      label: 'agreement.pdf',
      hashType: 'sodr',
      documentDigest: await digestOfPrepared(document),
    }
    const examiner = await examinerOf({ ...item, hashType: 'sodr' })
    await assert.rejects(examiner.examine(new Blob([document])), { code: 'document-unknown' })
  })

  it('is refused when it is none of them', async () => {
    const examiner = await examinerOf(await itemFor(document))
    const other = new Blob([prepared('another')])
    await assert.rejects(examiner.examine(other), { code: 'document-unknown' })
    await assert.rejects(examiner.examine(new Blob([utf8('a letter')])), { code: 'document-unknown' })
    await assert.rejects(examiner.examine(new Blob([])), { code: 'document-unknown' })
  })

  it('is refused when one byte was changed', async () => {
    const examiner = await examinerOf(await itemFor(document))
    for (const at of [9, document.length - 1]) {
      const changed = document.slice()
      changed[at] = 0x41
      await assert.rejects(examiner.examine(new Blob([changed])))
    }
    await examiner.examine(new Blob([document]))
  })

  it('is refused when it is the file before it was prepared', async () => {
    const examiner = await examinerOf(await itemFor(document))
    const original = new Blob([utf8('%PDF-2.0 an agreement')])
    await assert.rejects(examiner.examine(original), { code: 'document-not-prepared' })
  })

  it('is never an item that came without its preimage', async () => {
    const { label, dtbsr } = await itemFor(document)
    const examiner = await examinerOf({ label, dtbsr })
    await assert.rejects(examiner.examine(new Blob([document])), { code: 'document-unknown' })
  })

  it('is refused unread when it is too large', async () => {
    const examiner = await examinerOf(await itemFor(document))
    const piece = new Uint8Array(1024 * 1024)
    const large = new Blob([...Array(MAX_DOCUMENT_BYTES / piece.length).fill(piece), Uint8Array.of(0)])
    await assert.rejects(examiner.examine(large), { code: 'document-too-large' })
  })

  it('is read in pieces when it is long, with the same result', async () => {
    const long = prepared('long '.repeat(1_000_000))
    const examiner = await examinerOf(await itemFor(long))
    assert.deepEqual((await examiner.examine(new Blob([long]))).indexes, [0])
    const whole = utf8('line\n'.repeat(1_000_000))
    const other = await examinerOf(await itemOver(await digest(whole)))
    assert.deepEqual((await other.examine(new Blob([whole]))).indexes, [0])
  })

  it('is shown only while it is still the one that was seen (T-UI-02)', async () => {
    const examiner = await examinerOf(await itemFor(prepared('another')), await itemFor(document))
    const { document: seen } = await examiner.examine(new Blob([document]))
    assert.deepEqual(await examiner.bytesAgain(seen, 1), document)
    await assert.rejects(examiner.bytesAgain(seen, 0), { code: 'document-changed' })
    const swapped = { ...seen, blob: new Blob([prepared('something else')]) }
    await assert.rejects(examiner.bytesAgain(swapped, 1), { code: 'document-changed' })
    const gone = { ...seen, blob: new UnreadableBlob() }
    await assert.rejects(examiner.bytesAgain(gone, 1), { code: 'document-unreadable' })
    await assert.rejects(examiner.examine(gone.blob), { code: 'document-unreadable' })
  })
})

/** A file that was moved or changed since it was chosen: browsers do not read it any more. */
class UnreadableBlob extends Blob {
  override async arrayBuffer(): Promise<ArrayBuffer> {
    throw new DOMException('the file was changed', 'NotReadableError')
  }
}
