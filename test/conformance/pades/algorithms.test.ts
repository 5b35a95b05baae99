/**
 * Every key type at both levels; the CMS and the time-stamp taken out of the PDF satisfy openssl.
 * RFC 5652, 5; RFC 8419, 3.1; EN 319 142-1 V1.2.1, 6.3; RFC 3161, 2.4.2.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesSource } from '@natsuin/ades/pdf'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { leadingElement } from '@natsuin/pki/asn1'
import { parseSignedData, signatureTimeStampsOf } from '@natsuin/pki/cms'
import { concat } from '@natsuin/pki/encoding'
import { toPem } from '@natsuin/pki/x509'
import { openssl, opensslCades } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { chain, issue, issuing, NOW, root, SIGNER, timeStampingUnit } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { complete, prepare, verify } from './signing.ts'

const folder = temporaryFolder()
const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const at = String(NOW.getTime() / 1000)
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const rootPem = file('root.pem', toPem('CERTIFICATE', root.certificate.bytes))
const chainPem = file('chain.pem', chain.map(der => toPem('CERTIFICATE', der)).join(''))
const unitPem = file('unit.pem', toPem('CERTIFICATE', timeStampingUnit.certificate.bytes))

async function signedParts(keyType: KeyType, withTimeStamp: boolean) {
  const by = await issue({ name: `Signer ${keyType}`, issuer: issuing, keyType, extensions: SIGNER })
  const prepared = await prepare(bytesSource(original), { by, withTimeStamp })
  const document = concat(original, await complete(prepared, { by }))
  const [, gapStart, gapEnd] = prepared.byteRange
  const digits = Buffer.from(document.subarray(gapStart + 1, gapEnd - 1)).toString('latin1')
  const contents = new Uint8Array(Buffer.from(digits, 'hex'))
  const content = concat(document.subarray(0, gapStart), document.subarray(gapEnd))
  return {
    document,
    cms: leadingElement(contents),
    spare: contents.length - leadingElement(contents).length,
    content,
  }
}

function assertCmsVerifies(cms: Uint8Array, content: Uint8Array): void {
  const input = [...['-in', file('b-b.p7s', cms)], ...['-content', file('content', content)]]
  const trust = ['-CAfile', rootPem, '-certfile', chainPem, '-purpose', 'any', '-attime', at]
  assert.match(opensslCades(...input, ...trust), /CAdES Verification successful/)
}

/** `openssl cms` knows no EdDSA before 3.2: it judges the value over the signed attributes. */
function assertValueVerifies(cms: Uint8Array, certificate: Uint8Array): void {
  const [signerInfo] = parseSignedData(cms).signerInfos
  assert.ok(signerInfo?.signedAttributes !== undefined)
  const key = ['-certin', '-inkey', file('signer.pem', toPem('CERTIFICATE', certificate))]
  const input = ['-in', file('attributes', signerInfo.signedAttributes.bytes)]
  const value = ['-sigfile', file('value', signerInfo.signature)]
  const shown = openssl('pkeyutl', '-verify', '-rawin', ...key, ...input, ...value)
  assert.match(shown, /Signature Verified Successfully/)
}

// KeyType is the type of the table's keys; Object.keys forgets it.
for (const keyType of Object.keys(keyTypes) as KeyType[]) {
  describe(`PAdES with ${keyType}`, () => {
    it('is at level B-B a CMS signature over the ranges (openssl cms)', async () => {
      const { document, cms, spare, content } = await signedParts(keyType, false)
      const verdict = await verify(document)
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-B'])
      if (keyType === 'ed25519')
        assertValueVerifies(cms, verdict.facts.signingCertificate ?? new Uint8Array())
      else assertCmsVerifies(cms, content)
      // The space is computed: what is left is the bytes by which an ECDSA value can be shorter than the longest.
      assert.ok(spare <= 8, `${spare} bytes left over`)
    })

    it('is at level B-T stamped over its signature value (openssl ts)', async () => {
      const { document, cms } = await signedParts(keyType, true)
      const verdict = await verify(document)
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
      assert.deepEqual(verdict.facts.timeStamp?.generatedAt, NOW)
      const [signerInfo] = parseSignedData(cms).signerInfos
      const [token] = signerInfo === undefined ? [] : signatureTimeStampsOf(signerInfo)
      assert.ok(signerInfo !== undefined && token !== undefined)
      const input = [
        ...['-in', file('token', token)],
        '-token_in',
        ...['-data', file('value', signerInfo.signature)],
      ]
      const trust = ['-CAfile', rootPem, '-untrusted', unitPem, '-attime', at]
      assert.match(openssl('ts', '-verify', ...input, ...trust), /Verification: OK/)
    })
  })
}
