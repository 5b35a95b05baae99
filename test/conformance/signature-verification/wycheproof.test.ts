/**
 * Wycheproof's vectors of ECDSA, RSA PKCS#1 v1.5, RSASSA-PSS and Ed25519 against both platforms, from the folder that NATSUIN_CORPORA
 * names: no invalid signature is accepted, no valid one refused.
 *
 * The "acceptable" ones are RSA signatures without the NULL in DigestInfo. RFC 8017, B.1 wants the NULL, and one message
 * digest shall have one encoding: we refuse them.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { browserPlatform } from '@natsuin/pki/browser'
import { nodePlatform } from '@natsuin/pki/node'

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with the Wycheproof vectors'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
}

interface VectorFile {
  readonly numberOfTests: number
  readonly testGroups: readonly { readonly publicKeyDer: string; readonly tests: readonly Vector[] }[]
}

const FILES: Readonly<Record<string, SignatureAlgorithm>> = {
  'ecdsa_secp256r1_sha256_test.json': 'ecdsa-sha256',
  'ecdsa_secp256r1_sha512_test.json': 'ecdsa-sha512',
  'ecdsa_secp384r1_sha384_test.json': 'ecdsa-sha384',
  'ecdsa_secp521r1_sha512_test.json': 'ecdsa-sha512',
  'rsa_signature_2048_sha256_test.json': 'rsa-sha256',
  'rsa_signature_3072_sha256_test.json': 'rsa-sha256',
  'rsa_pss_2048_sha256_mgf1_32_test.json': 'rsa-pss-sha256',
  'rsa_pss_3072_sha256_mgf1_32_test.json': 'rsa-pss-sha256',
  'ed25519_test.json': 'ed25519',
}

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

for (const [name, platform] of Object.entries({ nodePlatform, browserPlatform })) {
  describe(`Wycheproof on ${name} (T-CMS-07)`, { skip }, () => {
    for (const [file, algorithm] of Object.entries(FILES)) {
      it(`${file}: every vector`, async () => {
        const path = join(corpora ?? '', 'wycheproof', file)
        const { numberOfTests, testGroups }: VectorFile = JSON.parse(readFileSync(path, 'utf8'))
        let count = 0
        for (const { publicKeyDer, tests } of testGroups) {
          const spki = hex(publicKeyDer)
          for (const { tcId, comment, msg, sig, result } of tests) {
            const holds = await platform.verify({ algorithm, spki, data: hex(msg), signature: hex(sig) })
            assert.equal(holds, result === 'valid', `${tcId} ${comment} (${result})`)
            count += 1
          }
        }
        assert.equal(count, numberOfTests)
      })
    }
  })
}
