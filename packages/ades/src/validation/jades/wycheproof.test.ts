/**
 * Wycheproof's vectors of JSON signatures, from the folder that NATSUIN_CORPORA names: the form, the signed header's
 * algorithm and the value, as the verifier reads them. What a key may do is said by its certificate here and by its JWK
 * there, so the vectors of keys for encryption are left out; and what is no signature by a certified key never passes.
 */
import assert from 'node:assert/strict'
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { type Certificate, readPublicKey } from '@natsuin/pki/x509'
import { signer } from '@natsuin/testing/pki'
import { ValidationEnded } from '../verdict.ts'
import { encodedText, object, readJson, text } from './json.ts'
import { readSerialized } from './serialization.ts'
import { checkSignature } from './signature-value.ts'
import { signedContent } from './signed-content.ts'

const corpora = process.env['NATSUIN_CORPORA']
const skip = corpora === undefined && 'NATSUIN_CORPORA does not name a folder with the Wycheproof vectors'

interface Group {
  readonly comment: string
  readonly public?: JsonWebKey
  readonly private?: JsonWebKey
  readonly tests: readonly {
    readonly tcId: number
    readonly comment: string
    readonly jws: unknown
    readonly result: 'valid' | 'invalid'
  }[]
}

/** A JWK may narrow its RSA key to PS512; a certificate of such a key says nothing of it. */
const NARROWED = [
  '332 ps512 UsingRS256',
  '334 ps512 UsingRS384',
  '336 ps512 UsingRS512',
  '338 ps512 UsingPS256',
  '340 ps512 UsingPS384',
]

/** Who has this key; nothing else of him is looked at. */
function holderOf(jwk: JsonWebKey): Certificate {
  const { d: _, alg: __, use: ___, key_ops: ____, ...bare } = jwk
  const key = createPublicKey({ key: bare, format: 'jwk' })
  const spki = new Uint8Array(key.export({ format: 'der', type: 'spki' }))
  return { ...signer.certificate, spki, publicKey: readPublicKey(spki) }
}

async function holds(jws: string, certificate: Certificate): Promise<boolean> {
  try {
    const serialized = readSerialized(jws)
    const [signature] = serialized.signatures
    assert.ok(signature)
    const json = encodedText(signature.protected, 'protected')
    const members = object(readJson(json, 'protected'), 'protected')
    const header = { json, members, alg: text(members.get('alg'), 'alg'), encoded: true }
    const claimed = { ...header, claimedSigningTime: new Date(0) }
    // In compact form an empty payload looks as a detached one does.
    const given = serialized.payload === undefined ? { payload: new Uint8Array() } : {}
    const { signed } = await signedContent(claimed, serialized, given, nodePlatform)
    await checkSignature({ alg: header.alg, signature, signed, certificate }, nodePlatform)
    return true
  } catch (error) {
    if (error instanceof ValidationEnded) return false
    throw error
  }
}

describe('Wycheproof’s JSON signatures (T-JWS-01)', { skip }, () => {
  it('are judged as they are labelled', async () => {
    const file = join(corpora ?? '', 'wycheproof', 'json_web_signature_test.json')
    const { testGroups }: { testGroups: readonly Group[] } = JSON.parse(readFileSync(file, 'utf8'))
    const differing: string[] = []
    let count = 0
    for (const group of testGroups.filter(({ comment }) => !comment.includes('encryption'))) {
      const jwk = group.public ?? group.private ?? {}
      const certified = jwk.kty !== 'oct'
      const holder = certified ? holderOf(jwk) : signer.certificate
      for (const { tcId, comment, jws, result } of group.tests) {
        const written = typeof jws === 'string' ? jws : JSON.stringify(jws)
        const expected = certified && result === 'valid'
        if ((await holds(written, holder)) !== expected) differing.push(`${tcId} ${group.comment} ${comment}`)
        count += 1
      }
    }
    assert.deepEqual(differing, NARROWED)
    assert.ok(count > 390)
  })
})
