/**
 * Every key type, attached and detached, at both levels; openssl judges the signature and its time-stamp. RFC 5652, 5;
 * RFC 8419, 3.1; EN 319 122-1 V1.3.1, 6.3; RFC 3161, 2.4.2.
 */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type KeyType, keyTypes, type SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { parseSignedData, signatureTimeStampsOf } from '@natsuin/pki/cms'
import { toPem } from '@natsuin/pki/x509'
import { openssl, opensslCades } from '@natsuin/testing/judges'
import { signData } from '@natsuin/testing/keys'
import { type Entity, issue, issuing, NOW, root, SIGNER, timeStampingUnit } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { attached, CONTENT, sign, verify } from './signing.ts'

const folder = temporaryFolder()
const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const at = ['-attime', String(NOW.getTime() / 1000)]
const trust = ['-CAfile', file('root.pem', toPem('CERTIFICATE', root.certificate.bytes)), ...at]
const content = ['-content', file('content', CONTENT)]

/** Read and written anew by openssl, which shows that it is a tree of DER elements. */
function assertParses(signature: Uint8Array): void {
  const path = file('parsed', signature)
  assert.match(openssl('asn1parse', '-inform', 'DER', '-in', path), /pkcs7-signedData/)
}

function assertVerifies(signature: Uint8Array, beside: readonly string[]): void {
  const input = ['-in', file('signature', signature), ...beside]
  assert.match(opensslCades(...input, ...trust, '-purpose', 'any'), /CAdES Verification successful/)
}

/** `openssl cms` knows no EdDSA before 3.2: it judges the value over the signed attributes. */
function assertValueVerifies(signature: Uint8Array, { certificate }: Entity): void {
  const [signerInfo] = parseSignedData(signature).signerInfos
  assert.ok(signerInfo?.signedAttributes !== undefined)
  const key = ['-certin', '-inkey', file('signer.pem', toPem('CERTIFICATE', certificate.bytes))]
  const input = ['-in', file('attributes', signerInfo.signedAttributes.bytes)]
  const value = ['-sigfile', file('value', signerInfo.signature)]
  const shown = openssl('pkeyutl', '-verify', '-rawin', ...key, ...input, ...value)
  assert.match(shown, /Signature Verified Successfully/)
}

function assertTimeStamp(signature: Uint8Array): void {
  const [signerInfo] = parseSignedData(signature).signerInfos
  const [token] = signerInfo === undefined ? [] : signatureTimeStampsOf(signerInfo)
  assert.ok(signerInfo !== undefined && token !== undefined)
  const data = ['-data', file('value', signerInfo.signature)]
  const unit = ['-untrusted', file('unit.pem', toPem('CERTIFICATE', timeStampingUnit.certificate.bytes))]
  const input = ['-in', file('token', token), '-token_in', ...data]
  assert.match(openssl('ts', '-verify', ...input, ...unit, ...trust), /Verification: OK/)
}

function signingWith(entity: Entity, algorithm: SignatureAlgorithm): Entity {
  const key = createPrivateKey(entity.privateKey)
  return { ...entity, algorithm, sign: data => signData(algorithm, data, key) }
}

// KeyType is the type of the table's keys; Object.keys forgets it.
for (const keyType of Object.keys(keyTypes) as KeyType[]) {
  const algorithms = keyType === 'rsa-4096' ? keyTypes[keyType].signs.slice(0, 1) : keyTypes[keyType].signs
  describe(`CAdES with ${keyType}`, async () => {
    const entity = await issue({ name: keyType, issuer: issuing, keyType, extensions: SIGNER })
    for (const algorithm of algorithms) {
      it(`by ${algorithm} satisfies openssl, attached and detached, at B-B and B-T`, async () => {
        const by = signingWith(entity, algorithm)
        for (const level of ['B-B', 'B-T'] as const) {
          const signature = await sign({ by, withTimeStamp: level === 'B-T' })
          const whole = await attached(signature)
          for (const verdict of [await verify(signature), await verify(whole, {})])
            assert.deepEqual([verdict.indication, verdict.facts.level], ['TOTAL-PASSED', level])
          assertParses(signature)
          assertParses(whole)
          if (keyType === 'ed25519') assertValueVerifies(signature, by)
          else {
            assertVerifies(signature, content)
            assertVerifies(whole, [])
          }
          if (level === 'B-T') assertTimeStamp(signature)
        }
      })
    }
  })
}
