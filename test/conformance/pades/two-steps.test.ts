/**
 * Prepare and complete: what goes out to whoever approves and signs, what may come back, and what is refused.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  completePades,
  digestOfPreparedPdf,
  messageDigestOf,
  preparedFromJson,
  preparedToJson,
} from '@natsuin/ades/pades'
import { appendedSource, blobSource, bytesSource } from '@natsuin/ades/pdf'
import { OID } from '@natsuin/pki/asn1'
import { attribute, buildSignedAttributes, essCertIdOf } from '@natsuin/pki/cms'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { NOW, root, signer, timeStampToken } from '@natsuin/testing/pki'
import { complete, prepare, sign, verify } from './signing.ts'

const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const refusal = (code: string) => ({ name: 'PdfRefusal', code })

describe('preparing', () => {
  it('gives the same bytes for the same document and time', async () => {
    assert.deepEqual(await prepare(bytesSource(original)), await prepare(bytesSource(original)))
  })

  it('gives the digest of the signed attributes as what the key signs', async () => {
    const { signedAttributes, dtbsr } = await prepare(bytesSource(original))
    assert.deepEqual(dtbsr, await nodePlatform.digest('sha256', signedAttributes))
  })

  it('reads a Blob as it reads bytes', async () => {
    const prepared = await prepare(blobSource(new Blob([original.slice()])))
    assert.deepEqual(prepared.update, (await prepare(bytesSource(original))).update)
  })

  it('writes what the signer says, in any script', async () => {
    const signed = await sign(original, { reason: '契約 (承認)', location: 'Kyōto', contactInfo: 'a(b)c\\' })
    assert.equal((await verify(signed)).indication, 'TOTAL-PASSED')
    assert.ok(Buffer.from(signed).includes('/ContactInfo (a\\(b\\)c\\\\)'))
  })

  it('refuses an algorithm that the key does not have', async () => {
    await assert.rejects(prepare(bytesSource(original), { signatureAlgorithm: 'rsa-sha256' }), RangeError)
  })

  it('survives being written as JSON', async () => {
    const prepared = await prepare(bytesSource(original))
    const read = preparedFromJson(preparedToJson(prepared))
    assert.deepEqual(read, prepared)
    assert.equal((await verify(concat(original, await complete(read)))).indication, 'TOTAL-PASSED')
    for (const text of ['{}', '[]', 'null', '{"update":"!"}'])
      assert.throws(() => preparedFromJson(text), RangeError)
  })
})

describe('the digest that the approval page computes', () => {
  it('is the messageDigest of what is to be signed', async () => {
    for (const { bytes } of PDF_SHAPES.filter(
      ({ expectation, fieldName }) => expectation === 'signed' && !fieldName,
    )) {
      const prepared = await prepare(bytesSource(bytes()))
      const document = appendedSource(bytesSource(bytes()), prepared.update)
      const { digest, byteRange } = await digestOfPreparedPdf(document, nodePlatform)
      assert.deepEqual(digest, messageDigestOf(prepared.signedAttributes))
      assert.deepEqual(byteRange, prepared.byteRange)
    }
  })

  it('is refused for a document that is signed already, or not prepared', async () => {
    const signed = bytesSource(await sign(original))
    await assert.rejects(digestOfPreparedPdf(signed, nodePlatform), refusal('no-prepared-signature'))
    await assert.rejects(
      digestOfPreparedPdf(bytesSource(original), nodePlatform),
      refusal('no-prepared-signature'),
    )
  })

  it('is refused when anything is outside it', async () => {
    const prepared = Buffer.from(concat(original, (await prepare(bytesSource(original))).update)).toString(
      'latin1',
    )
    const variants = {
      'bytes appended': `${prepared}\n`,
      'an entry of another name': prepared.replace('/Contents <', '/Contants <'),
      'something in the gap': prepared.replace('/Contents <00', '/Contents <01'),
      'an odd number of zeros': prepared.replace('/Contents <00', '/Contents< 0'),
      'a gap that begins early': prepared.replace(/\[0 {10}(\d+)/, (all, start: string) =>
        all.replace(start, String(Number(start) - 1)),
      ),
    }
    for (const [name, text] of Object.entries(variants)) {
      const source = bytesSource(new Uint8Array(Buffer.from(text, 'latin1')))
      await assert.rejects(digestOfPreparedPdf(source, nodePlatform), refusal('no-prepared-signature'), name)
    }
  })
})

describe('messageDigestOf', () => {
  const messageDigest = new Uint8Array(32).fill(7)
  const attributes = async (changed: Partial<Parameters<typeof buildSignedAttributes>[0]> = {}) =>
    buildSignedAttributes({
      messageDigest,
      signingCertificate: await essCertIdOf(signer.certificate.bytes, 'sha256', nodePlatform),
      ...changed,
    })

  it('reads the attributes of a PAdES signature', async () => {
    assert.deepEqual(messageDigestOf(await attributes()), messageDigest)
  })

  it('refuses attributes that are not those', async () => {
    const refused = [
      await attributes({ signingTime: NOW }),
      await attributes({ contentType: OID.tstInfo }),
      await attributes({ messageDigest: new Uint8Array(20) }),
      await attributes({ further: [attribute(OID.messageDigest, Uint8Array.of(4, 1, 0))] }),
      concat(await attributes(), Uint8Array.of(0)),
      utf8('not DER'),
      new Uint8Array(),
    ]
    for (const der of refused)
      assert.throws(() => messageDigestOf(der), refusal('signed-attributes-malformed'))
  })
})

describe('completing', () => {
  const platform = nodePlatform

  it('refuses a value by another key, or over something else', async () => {
    const prepared = await prepare(bytesSource(original), { withTimeStamp: false })
    const values = [root.sign(prepared.signedAttributes), signer.sign(prepared.dtbsr), new Uint8Array()]
    for (const value of values) {
      await assert.rejects(completePades(prepared, value, { platform }), {
        name: 'AdesRefusal',
        code: 'signature-does-not-verify',
      })
    }
    await completePades(prepared, signer.sign(prepared.signedAttributes), { platform })
  })

  it('refuses to leave out the time-stamp, and tokens over something else', async () => {
    const prepared = await prepare(bytesSource(original))
    const value = signer.sign(prepared.signedAttributes)
    await assert.rejects(completePades(prepared, value, { platform }), refusal('time-stamp-missing'))
    const tokens = [
      await timeStampToken(new Uint8Array(32), 'sha256'),
      Uint8Array.of(0x30, 0),
      new Uint8Array(),
    ]
    const invalid = { name: 'AdesRefusal', code: 'time-stamp-invalid' }
    for (const token of tokens) {
      const timeStamp = async () => token
      await assert.rejects(completePades(prepared, value, { platform, timeStamp }), invalid)
    }
  })

  it('asks for no time-stamp that was not prepared for', async () => {
    const prepared = await prepare(bytesSource(original), { withTimeStamp: false })
    const timeStamp = () => assert.fail('asked')
    await completePades(prepared, signer.sign(prepared.signedAttributes), { platform, timeStamp })
  })

  it('refuses a signature that outgrew its space (T-PDF-15)', async () => {
    const prepared = await prepare(bytesSource(original), { timeStampTokenBytes: 100 })
    await assert.rejects(complete(prepared), refusal('signature-space-exceeded'))
  })
})
