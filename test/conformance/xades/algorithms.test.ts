/** Every algorithm of the table, in the form and under the name that XML signatures have for it (RFC 9231, 2). */
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type KeyType,
  keyTypes,
  type SignatureAlgorithm,
  signatureAlgorithms,
  uriOfSignature,
} from '@natsuin/pki/algorithms'
import { verifiesByXmlsec1 } from '@natsuin/testing/judges'
import { signData } from '@natsuin/testing/keys'
import { type Entity, issue, issuing, NOW, root, SIGNER } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { CONTENTS, levelsOf, sign } from './signing.ts'

const folder = temporaryFolder()
const anchor = join(folder, 'root.der')
writeFileSync(anchor, root.certificate.bytes)

// xmlsec1 1.2 knows neither RSASSA-PSS nor Ed25519.
const KNOWN_TO_XMLSEC = new Set(['ecdsa', 'rsa-pkcs1'])

/** RSA keys sign with more than one algorithm. */
function signingBy(by: Entity, algorithm: SignatureAlgorithm): Entity {
  const key = createPrivateKey(by.privateKey)
  return { ...by, algorithm, sign: data => signData(algorithm, data, key) }
}

for (const type of Object.keys(keyTypes) as KeyType[]) {
  describe(`a key of type ${type}`, async () => {
    const by = await issue({ name: type, issuer: issuing, extensions: SIGNER, keyType: type })
    for (const signatureAlgorithm of keyTypes[type].signs) {
      it(`signs by ${signatureAlgorithm}`, async () => {
        const signed = await sign(CONTENTS.enveloped, { by: signingBy(by, signatureAlgorithm) })
        assert.ok(Buffer.from(signed).includes(`"${uriOfSignature(signatureAlgorithm)}"`))
        assert.deepEqual(await levelsOf(signed), ['B-B'])
        const path = join(folder, 'signed.xml')
        writeFileSync(path, signed)
        const isKnown = KNOWN_TO_XMLSEC.has(signatureAlgorithms[signatureAlgorithm].family)
        assert.equal(verifiesByXmlsec1(path, anchor, NOW), isKnown)
      })
    }
  })
}
