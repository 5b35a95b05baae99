/**
 * Signatures with SHA-3 by every algorithm that CMS names for it (RFC 9688, 2 and 3), in the formats that stand on CMS,
 * where openssl judges them, and in XML.
 */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type KeyType, type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { leadingElement } from '@natsuin/pki/asn1'
import { concat } from '@natsuin/pki/encoding'
import { toPem } from '@natsuin/pki/x509'
import { opensslCades } from '@natsuin/testing/judges'
import { signData } from '@natsuin/testing/keys'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { chain, type Entity, issue, issuing, NOW, root, SIGNER } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { CONTENT, sign as signCades, verify as verifyCades } from '../cades/signing.ts'
import { sign as signPades, verify as verifyPades } from '../pades/signing.ts'
import { CONTENTS, levelsOf, sign as signXades } from '../xades/signing.ts'

const folder = temporaryFolder()
const original = PDF_SHAPES[0]?.bytes() ?? new Uint8Array()
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const trust = [
  ...['-CAfile', file('root.pem', toPem('CERTIFICATE', root.certificate.bytes))],
  ...['-certfile', file('chain.pem', chain.map(der => toPem('CERTIFICATE', der)).join(''))],
  ...['-attime', String(NOW.getTime() / 1000), '-purpose', 'any'],
]

const issuedTo = (keyType: KeyType) =>
  issue({ name: `SHA-3 ${keyType}`, issuer: issuing, keyType, extensions: SIGNER })
const ENTITIES = { ec: await issuedTo('ec-p384'), rsa: await issuedTo('rsa-3072') }

const ALGORITHMS = Object.entries(signatureAlgorithms).flatMap(([name, { key }]) =>
  name.includes('-sha3-') && key !== 'ed25519'
    ? // Object.entries forgets the names of the table.
      [{ algorithm: name as SignatureAlgorithm, entity: ENTITIES[key] }]
    : [],
)

function signingWith(entity: Entity, algorithm: SignatureAlgorithm): Entity {
  const key = createPrivateKey(entity.privateKey)
  return { ...entity, algorithm, sign: data => signData(algorithm, data, key) }
}

function assertVerifies(cms: Uint8Array, content: Uint8Array): void {
  const input = ['-in', file('cms', cms), '-content', file('content', content)]
  assert.match(opensslCades(...input, ...trust), /CAdES Verification successful/)
}

/** What the ByteRange leaves out, by nothing of ours. */
function partsOf(document: Uint8Array) {
  const text = Buffer.from(document).toString('latin1')
  const [, start, end] = /\/ByteRange \[0 +(\d+) +(\d+) +\d+ *\]/.exec(text)?.map(Number) ?? []
  assert.ok(start !== undefined && end !== undefined)
  const cms = leadingElement(new Uint8Array(Buffer.from(text.slice(start + 1, end - 1), 'hex')))
  return { cms, content: concat(document.subarray(0, start), document.subarray(end)) }
}

describe('signatures with SHA-3', () => {
  for (const { algorithm, entity } of ALGORITHMS) {
    const by = signingWith(entity, algorithm)

    it(`by ${algorithm} in a PDF satisfy openssl and our verifier`, async () => {
      const document = await signPades(original, { by, signatureAlgorithm: algorithm })
      const verdict = await verifyPades(document)
      assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', 'B-T'])
      const { cms, content } = partsOf(document)
      assertVerifies(cms, content)
    })

    it(`by ${algorithm} in XML hold, where XML has a name for it (RFC 9231, 2)`, async () => {
      const signed = signXades(CONTENTS.enveloped, { by })
      if (signatureAlgorithms[algorithm].family === 'rsa-pkcs1') await assert.rejects(signed, RangeError)
      else assert.deepEqual(await levelsOf(await signed), ['B-B'])
    })

    it(`by ${algorithm} of any file satisfy openssl and our verifier`, async () => {
      const signature = await signCades({ by })
      const verdict = await verifyCades(signature)
      assert.equal(verdict.indication, 'TOTAL-PASSED')
      assertVerifies(signature, CONTENT)
    })
  }
})
