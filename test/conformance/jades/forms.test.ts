/**
 * JSON signatures in each form (RFC 7515, 7; RFC 7797) by each type of key, verified by a JOSE library that is not ours
 * and by our own verifier; and what may be signed beside the content (TS 119 182-1 V1.2.1, 5.2).
 */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  completeJades,
  type JadesContent,
  type JadesSerialization,
  preparedJadesFromJson,
  preparedJadesToJson,
} from '@natsuin/ades/jades'
import { verifyJades } from '@natsuin/ades/validation'
import { type KeyType, keyTypes } from '@natsuin/pki/algorithms'
import { browserPlatform } from '@natsuin/pki/browser'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { signData } from '@natsuin/testing/keys'
import { issue, issuing, NOW, root, SIGNER, signer } from '@natsuin/testing/pki'
import { compactVerify, flattenedVerify, generalVerify } from 'jose'
import { ATTACHED, decoded, flattened, PAYLOAD, prepare, said, sign, verify } from './signing.ts'

const keyOf = (certificate: Uint8Array) => new X509Certificate(certificate).publicKey
const CRIT = { crit: { sigD: true } }

/** What `jose` says the payload is. */
const JOSE = {
  compact: (jws: string, key: ReturnType<typeof keyOf>) => compactVerify(jws, key, CRIT),
  flattened: (jws: string, key: ReturnType<typeof keyOf>) => flattenedVerify(JSON.parse(jws), key, CRIT),
  general: (jws: string, key: ReturnType<typeof keyOf>) => generalVerify(JSON.parse(jws), key, CRIT),
} as const satisfies Record<JadesSerialization, unknown>

const KEY_TYPES = Object.keys(keyTypes) as KeyType[]
const SERIALIZATIONS = Object.keys(JOSE) as JadesSerialization[]

describe('a JSON signature', () => {
  for (const keyType of KEY_TYPES) {
    it(`by a key of type ${keyType} is a JWS in each form (jose)`, async () => {
      const by = await issue({ name: `Signer ${keyType}`, issuer: issuing, keyType, extensions: SIGNER })
      const key = keyOf(by.certificate.bytes)
      for (const serialization of SERIALIZATIONS) {
        const jws = await sign(ATTACHED, { by, serialization })
        const { payload } = await JOSE[serialization](jws, key)
        assert.deepEqual(new Uint8Array(payload), PAYLOAD)
        for (const platform of [nodePlatform, browserPlatform])
          assert.equal(said(await verify(jws, { platform })), 'TOTAL-PASSED B-B')
      }
    })
  }

  it('by an RSA key is one with every algorithm of the key (jose)', async () => {
    const by = await issue({ name: 'RSA', issuer: issuing, keyType: 'rsa-3072', extensions: SIGNER })
    const key = createPrivateKey(by.privateKey)
    for (const signatureAlgorithm of keyTypes['rsa-3072'].signs) {
      const using = { ...by, sign: (data: Uint8Array) => signData(signatureAlgorithm, data, key) }
      const jws = await sign(ATTACHED, { by: using, signatureAlgorithm })
      await flattenedVerify(JSON.parse(jws), keyOf(by.certificate.bytes))
      assert.equal(said(await verify(jws)), 'TOTAL-PASSED B-B')
    }
  })

  it('carries its payload unencoded, and as jose reads it (RFC 7797)', async () => {
    const text = utf8('$02 ~')
    for (const serialization of ['compact', 'flattened'] as const) {
      const jws = await sign({ kind: 'attached', payload: text, unencoded: true }, { serialization })
      const verdict = await verify(jws)
      assert.equal(said(verdict), 'TOTAL-PASSED B-B')
      assert.deepEqual(verdict.facts.signed, { kind: 'payload', payload: text })
      if (serialization === 'flattened')
        await flattenedVerify(JSON.parse(jws), keyOf(signer.certificate.bytes))
    }
  })

  it('is detached when asked, whatever the payload is (jose)', async () => {
    const payload = Uint8Array.of(0, 0xff, 0x2e)
    for (const unencoded of [false, true]) {
      const jws = await sign({ kind: 'detached', payload, unencoded })
      assert.equal(flattened(jws).payload, undefined)
      assert.equal(said(await verify(jws, { content: { payload } })), 'TOTAL-PASSED B-B')
      assert.equal(said(await verify(jws)), 'SIGNED_DATA_NOT_FOUND: the payload')
      const given = unencoded ? payload : Buffer.from(payload).toString('base64url')
      await flattenedVerify({ ...flattened(jws), payload: given }, keyOf(signer.certificate.bytes))
    }
  })

  it('refuses a payload that cannot stand there unencoded', async () => {
    const refused = { name: 'AdesRefusal', code: 'payload-unwritable' }
    const unencoded = (payload: Uint8Array): JadesContent => ({ kind: 'attached', payload, unencoded: true })
    await assert.rejects(sign(unencoded(utf8('a.b')), { serialization: 'compact' }), refused)
    await assert.rejects(sign(unencoded(utf8('印')), { serialization: 'compact' }), refused)
    await assert.rejects(sign(unencoded(Uint8Array.of(0xff))), refused)
    await sign(unencoded(utf8('a.b 印')))
  })
})

describe('what is signed beside the content', () => {
  const policyDigest = new Uint8Array(48).fill(7)
  const WISHES = {
    contentType: 'application/json',
    commitments: [{ id: 'http://uri.etsi.org/01903/v1.2.2#ProofOfApproval', description: 'approved' }],
    place: { addressLocality: '京都', addressCountry: 'JP' },
    roles: ['Managing Director', '代表取締役'],
    policy: {
      id: 'urn:oid:1.2.3.4.5',
      digest: { algorithm: 'sha384', value: policyDigest },
      uri: 'https://policy.example/1',
    },
  } as const

  it('stands in the header as the standard names it', async () => {
    const header = decoded(flattened(await sign(ATTACHED, WISHES)).protected)
    const { x5c, 'x5t#S256': reference, ...rest } = header
    assert.deepEqual(rest, {
      alg: 'ES256',
      cty: 'json',
      iat: NOW.getTime() / 1000,
      srCms: [{ commId: { id: WISHES.commitments[0].id, desc: 'approved' } }],
      sigPl: WISHES.place,
      srAts: { claimed: [{ mediaType: 'text/plain', encoding: 'binary', qVals: WISHES.roles }] },
      sigPId: {
        id: { id: 'urn:oid:1.2.3.4.5' },
        digAlg: 'S384',
        digVal: Buffer.from(policyDigest).toString('base64url'),
        sigPQuals: [{ spURI: 'https://policy.example/1' }],
      },
    })
    const own = new X509Certificate(signer.certificate.bytes)
    assert.equal(own.fingerprint256.replaceAll(':', '').toLowerCase(), hexOf(String(reference)))
    assert.equal((x5c as string[])[0], own.raw.toString('base64'))
  })

  it('is told by the verdict, with the time that the signer claims', async () => {
    const verdict = await verify(await sign(ATTACHED, WISHES))
    assert.equal(said(verdict), 'TOTAL-PASSED B-B')
    assert.deepEqual(verdict.facts.claimedSigningTime, NOW)
    assert.match(verdict.facts.protectedHeader ?? '', /代表取締役/)
    assert.deepEqual(verdict.facts.signed, { kind: 'payload', payload: PAYLOAD })
  })

  it('names the certificate by another digest when asked', async () => {
    for (const [certificateDigest, name] of [
      ['sha384', 'S384'],
      ['sha512', 'S512'],
    ] as const) {
      const jws = await sign(ATTACHED, { certificateDigest })
      const header = decoded(flattened(jws).protected)
      assert.equal((header['x5t#o'] as { digAlg: string }).digAlg, name)
      assert.equal(header['x5t#S256'], undefined)
      assert.equal(said(await verify(jws)), 'TOTAL-PASSED B-B')
    }
  })
})

const hexOf = (base64url: string) => Buffer.from(base64url, 'base64url').toString('hex')

describe('preparing and completing', () => {
  it('gives the same for the same content and time, and the hash that the key signs', async () => {
    const prepared = await prepare()
    assert.deepEqual(await prepare(), prepared)
    assert.deepEqual(prepared.dtbsr, await nodePlatform.digest('sha256', prepared.signingInput))
  })

  it('survives being written as JSON', async () => {
    for (const content of [ATTACHED, { kind: 'detached', payload: PAYLOAD } as const]) {
      const prepared = await prepare(content)
      const read = preparedJadesFromJson(preparedJadesToJson(prepared))
      assert.deepEqual(read, prepared)
    }
    for (const text of ['{}', '[]', 'null', '{"serialization":"none"}'])
      assert.throws(() => preparedJadesFromJson(text), RangeError)
  })

  it('refuses a value by another key, or over something else', async () => {
    const prepared = await prepare()
    const platform = nodePlatform
    const refused = { name: 'AdesRefusal', code: 'signature-does-not-verify' }
    const values = [root.sign(prepared.signingInput), signer.sign(prepared.dtbsr), new Uint8Array()]
    for (const value of values) await assert.rejects(completeJades(prepared, value, { platform }), refused)
    await completeJades(prepared, signer.sign(prepared.signingInput), { platform })
  })

  it('refuses an algorithm that the key does not have, and one that JOSE cannot name', async () => {
    await assert.rejects(prepare(ATTACHED, { signatureAlgorithm: 'rsa-sha256' }), RangeError)
    await assert.rejects(prepare(ATTACHED, { signatureAlgorithm: 'ecdsa-sha512' }), RangeError)
  })

  it('is judged without the chain where the verifier has it', async () => {
    const jws = await sign(ATTACHED, { chain: [] })
    assert.match(said(await verify(jws)), /^NO_CERTIFICATE_CHAIN_FOUND/)
    const certificates = [issuing.certificate.bytes]
    assert.equal(said(await verify(jws, { certificates })), 'TOTAL-PASSED B-B')
  })

  it('has no time of its own at B-B', async () => {
    const timeless = { platform: nodePlatform, trustAnchors: [root.certificate.bytes] }
    const [verdict] = await verifyJades(await sign(), timeless)
    assert.equal(verdict && said(verdict), 'NO_POE: no time at which to judge')
  })
})
