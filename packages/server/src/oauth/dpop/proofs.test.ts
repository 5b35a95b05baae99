import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  createRequestKey,
  proofClaims,
  publicJwkOf,
  type RequestKey,
  signProof,
  thumbprintOf,
} from '@natsuin/testing/deployment'
import { createProofNonces } from './nonces.ts'
import { createProofs } from './proofs.ts'

const NOW = 1_800_000_000
const URL_ASKED = 'https://sign.example/csc/v2/signatures/signHash'
const TOKEN = 'an-access-token'
const SECRET = new Uint8Array(32).fill(7)

let now = NOW
const clock = () => new Date(now * 1000)
const nonces = createProofNonces(SECRET, clock)
const used = new Set<string>()
const proofs = createProofs({
  nonces,
  clock,
  usedIds: { use: async (owner, id) => !used.has(owner + id) && used.add(owner + id) !== undefined },
})

const key = createRequestKey()
const request = { method: 'POST', url: new URL(URL_ASKED), token: TOKEN }
const claims = (changed: object = {}) => ({
  ...proofClaims({ url: URL_ASKED, token: TOKEN, nonce: nonces.newest() }),
  iat: NOW,
  ...changed,
})
const judged = (written: string, asked = request) => proofs.judge(written, asked)

async function assertRefused(written: string, code: 'proof-invalid' | 'proof-nonce' = 'proof-invalid') {
  await assert.rejects(judged(written), (error: unknown) => error instanceof Refusal && error.code === code)
}

describe('a DPoP proof (RFC 9449, 4.3)', () => {
  for (const alg of ['ES256', 'PS256', 'EdDSA'] as const) {
    it(`is taken when its own key signed it: ${alg}`, async () => {
      const other = createRequestKey('', alg)
      assert.equal((await judged(signProof(other, claims()))).htm, 'POST')
    })
  }

  it('names its key by the thumbprint of RFC 7638', async () => {
    assert.equal((await judged(signProof(key, claims()))).jkt, thumbprintOf(key))
  })

  it('may say more than we know', async () => {
    assert.ok(await judged(signProof(key, claims({ more: { than: 'we know' } }))))
  })

  const symmetric = { kty: 'oct', k: 'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA' }
  const privateJwk = key.privateKey.export({ format: 'jwk' })
  const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const headers: Readonly<Record<string, object>> = {
    'no typ': { typ: undefined },
    'another typ': { typ: 'JWT' },
    'no alg': { alg: undefined },
    'alg none': { alg: 'none' },
    'an algorithm that is not on the list (RS256)': { alg: 'RS256' },
    'a symmetric algorithm (HS256)': { alg: 'HS256', jwk: symmetric },
    'an algorithm that is not the key’s': { alg: 'PS256' },
    'no jwk': { jwk: undefined },
    'a jwk that is a text': { jwk: 'key' },
    'a symmetric jwk': { jwk: symmetric },
    'a private jwk': { jwk: privateJwk },
    'a jwk on another curve': { jwk: otherCurve },
    'a point that is not on the curve': { jwk: { ...publicJwkOf(key), y: publicJwkOf(key).x } },
    'the key of somebody else': { jwk: publicJwkOf(createRequestKey()) },
    'an extension that has to be understood': { crit: ['exp'], exp: NOW + 60 },
  }
  for (const [what, header] of Object.entries(headers)) {
    it(`T-DP-01 is refused with ${what}`, async () => {
      await assertRefused(signProof(key, claims(), header))
    })
  }

  const members: Readonly<Record<string, object>> = {
    'no jti': { jti: undefined },
    'an empty jti': { jti: '' },
    'a jti that is a number': { jti: 7 },
    'no htm': { htm: undefined },
    'another htm': { htm: 'GET' },
    'htm in small letters': { htm: 'post' },
    'no htu': { htu: undefined },
    'an htu that is none': { htu: 'nowhere' },
    'no iat': { iat: undefined },
    'no ath': { ath: undefined },
    'the ath of another token': { ath: proofClaims({ url: URL_ASKED, token: 'another' }).ath },
    'a nonce that is a number': { nonce: 7 },
  }
  for (const [what, changed] of Object.entries(members)) {
    it(`T-DP-01 is refused with ${what}`, async () => {
      await assertRefused(signProof(key, claims(changed)))
    })
  }

  it('T-DP-01 is refused with a signature that was changed, with a member twice, and with a second proof beside it', async () => {
    const good = signProof(key, claims())
    const [head, body, tail = ''] = good.split('.')
    await assertRefused(`${head}.${body}.${tail.startsWith('A') ? 'B' : 'A'}${tail.slice(1)}`)
    await assertRefused(signProof(key, JSON.stringify(claims()).replace('{', `{"jti":"${randomUUID()}",`)))
    await assertRefused(`${good}, ${signProof(key, claims())}`)
    await assertRefused('')
    await assertRefused('not a JWS')
    assert.ok(await judged(good))
  })

  const urls: Readonly<Record<string, readonly [htu: string, good: boolean]>> = {
    'as it was asked': [URL_ASKED, true],
    'with scheme and host in capitals': ['HTTPS://SIGN.EXAMPLE/csc/v2/signatures/signHash', true],
    'with the default port': ['https://sign.example:443/csc/v2/signatures/signHash', true],
    'with a query': [`${URL_ASKED}?a=b`, true],
    'with a fragment': [`${URL_ASKED}#a`, true],
    'with another path': ['https://sign.example/csc/v2/credentials/list', false],
    'with a path in capitals': ['https://sign.example/CSC/v2/signatures/signHash', false],
    'with a slash at the end': [`${URL_ASKED}/`, false],
    'with a dot segment': ['https://sign.example/csc/v2/x/../signatures/signHash', false],
    'with an escaped dot segment': ['https://sign.example/csc/v2/x/%2e%2E/signatures/signHash', false],
    'with one dot': ['https://sign.example/csc/v2/./signatures/signHash', false],
    'with backslashes': ['https://sign.example\\csc\\v2\\signatures\\signHash', false],
    'with white space that parsers drop': ['https://sign.example/csc/v2/signatures/\tsignHash', false],
    'of another host': ['https://evil.example/csc/v2/signatures/signHash', false],
    'of a host with a dot at its end': ['https://sign.example./csc/v2/signatures/signHash', false],
    'of another port': ['https://sign.example:8443/csc/v2/signatures/signHash', false],
    'in clear': ['http://sign.example/csc/v2/signatures/signHash', false],
    'with a user': ['https://user@sign.example/csc/v2/signatures/signHash', false],
    'without scheme and host': ['/csc/v2/signatures/signHash', false],
  }
  for (const [what, [htu, good]] of Object.entries(urls)) {
    it(`T-DP-03 is ${good ? 'taken' : 'refused'} for the address ${what}`, async () => {
      const proof = signProof(key, claims({ htu }))
      if (good) assert.ok(await judged(proof))
      else await assertRefused(proof)
    })
  }

  const times: Readonly<Record<string, readonly [iat: unknown, good: boolean]>> = {
    'of now': [NOW, true],
    'nine seconds ahead': [NOW + 9, true],
    'ten seconds ahead': [NOW + 10, true],
    'eleven seconds ahead': [NOW + 11, false],
    '61 seconds ahead': [NOW + 61, false],
    '59 seconds old': [NOW - 59, true],
    '60 seconds old': [NOW - 60, true],
    '61 seconds old': [NOW - 61, false],
    'with a fraction (RFC 7519, 2)': [NOW + 0.5, true],
    'with a fraction too far ahead': [NOW + 10.5, false],
    'as a text': [String(NOW), false],
    'of 2^63': [2 ** 63, false],
    'of minus one': [-1, false],
    'of null': [null, false],
  }
  for (const [what, [iat, good]] of Object.entries(times)) {
    it(`T-DP-07 is ${good ? 'taken' : 'refused'} with a time ${what}`, async () => {
      const proof = signProof(key, claims({ iat }))
      if (good) assert.ok(await judged(proof))
      else await assertRefused(proof)
    })
  }

  it('T-DP-07 is refused with a number that JSON has no finite value for', async () => {
    await assertRefused(signProof(key, JSON.stringify(claims()).replace(String(NOW), '1e999')))
  })

  it('T-DP-02 is used once for its key and id, whatever else is in it', async () => {
    const proof = await judged(signProof(key, claims({ jti: 'once' })))
    await proofs.use(proof)
    await assert.rejects(proofs.use(await judged(signProof(key, claims({ jti: 'once' })))), {
      code: 'proof-invalid',
    })
    await proofs.use(await judged(signProof(createRequestKey(), claims({ jti: 'once' }))))
  })
})

describe('the nonce of a DPoP proof (RFC 9449, 8 and 9)', () => {
  const withNonce = (nonce: string | undefined, by: RequestKey = key) =>
    signProof(by, { ...claims({ nonce }), iat: now })

  it('T-DP-04 is asked for where it is missing or another server’s', async () => {
    const elsewhere = createProofNonces(new Uint8Array(32).fill(8), clock)
    await assertRefused(withNonce(undefined), 'proof-nonce')
    await assertRefused(withNonce(elsewhere.newest()), 'proof-nonce')
    assert.ok(await judged(withNonce(nonces.newest())))
  })

  it('T-DP-04 is good for some minutes in every process, and not for a proof made in store', async t => {
    t.after(() => {
      now = NOW
    })
    const early = nonces.newest()
    const another = createProofNonces(SECRET, clock)
    now += 60
    assert.notEqual(nonces.newest(), early)
    assert.equal(another.isGood(early), true)
    assert.ok(await judged(withNonce(early)))
    now += 240
    await assertRefused(withNonce(early), 'proof-nonce')
    assert.equal(another.isGood(early), false)
    assert.ok(await judged(withNonce(another.newest())))
  })
})
