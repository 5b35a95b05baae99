import assert from 'node:assert/strict'
import { createHmac, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { parseEcdsaSigValue } from '@natsuin/pki/ecdsa'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { newKeyPair, signData, spkiOf } from '@natsuin/testing/keys'
import type { ProviderKey } from '../genesis/index.ts'
import { ShapeError } from '../shape/index.ts'
import { openIdToken } from './id-token.ts'

const rsa = newKeyPair('rsa-3072')
const ec = newKeyPair('ec-p256')
const ed = newKeyPair('ed25519')
const key = (algorithm: ProviderKey['algorithm'], publicKey: KeyObject): ProviderKey => ({
  kid: algorithm,
  algorithm,
  publicKey: spkiOf(publicKey),
})
const provider = {
  keys: [
    key('RS256', rsa.publicKey),
    key('PS256', rsa.publicKey),
    key('ES256', ec.publicKey),
    key('EdDSA', ed.publicKey),
  ],
}

const CLAIMS = { iss: 'https://id.example', sub: 'alice', aud: 'natsuin', exp: 2000, iat: 1000, nonce: 'n' }
const RS256 = { alg: 'RS256', kid: 'RS256' }

type Sign = (data: Uint8Array) => Uint8Array
const SIGNERS: Readonly<Record<ProviderKey['algorithm'], Sign>> = {
  RS256: data => signData('rsa-sha256', data, rsa.privateKey),
  PS256: data => signData('rsa-pss-sha256', data, rsa.privateKey),
  ES256: data =>
    parseEcdsaSigValue(signData('ecdsa-sha256', data, ec.privateKey), 32) ?? assert.fail('no signature'),
  EdDSA: data => signData('ed25519', data, ed.privateKey),
}

function token(
  header: object | string,
  claims: object | string = CLAIMS,
  sign: Sign = SIGNERS.RS256,
): string {
  const [head, body] = [header, claims].map(part =>
    toBase64url(utf8(typeof part === 'string' ? part : JSON.stringify(part))),
  )
  return `${head}.${body}.${toBase64url(sign(utf8(`${head}.${body}`)))}`
}

const open = (text: string) => openIdToken(text, provider, nodePlatform)

describe('an ID token (OpenID Connect Core 1.0, 2)', () => {
  it('is read when a key of the provider signed it, each with its own algorithm', async () => {
    for (const [alg, sign] of Object.entries(SIGNERS)) {
      const opened = await open(token({ alg, kid: alg, typ: 'JWT' }, CLAIMS, sign))
      assert.deepEqual(opened, { ...CLAIMS, aud: ['natsuin'] }, alg)
    }
  })

  it('may say more than anybody asked', async () => {
    const claims = { ...CLAIMS, email: 'alice@example.com', address: { country: 'JP' } }
    assert.equal((await open(token({ ...RS256, x5t: 'thumb' }, claims)))?.sub, 'alice')
  })

  it('is no token without a signature, under a name of none or with a shared secret (T-IDP-03)', async () => {
    const secret = (data: Uint8Array) =>
      new Uint8Array(createHmac('sha256', spkiOf(rsa.publicKey)).update(data).digest())
    await assert.rejects(
      open(token({ alg: 'none', kid: 'RS256' }, CLAIMS, () => Uint8Array.of(0))),
      ShapeError,
    )
    await assert.rejects(open(token({ alg: 'HS256', kid: 'RS256' }, CLAIMS, secret)), ShapeError)
    await assert.rejects(open(token(RS256).replace(/\.[^.]+$/, '.')), ShapeError)
    assert.equal(await open(token(RS256, CLAIMS, secret)), undefined)
  })

  it('brings no key of its own, nor an address of one (T-IDP-03)', async () => {
    const stranger = newKeyPair('rsa-3072')
    const byStranger: Sign = data => signData('rsa-sha256', data, stranger.privateKey)
    const jwk = stranger.publicKey.export({ format: 'jwk' })
    for (const brought of [
      { jwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/certificate' },
      { x5c: ['MIIB'] },
      { crit: ['exp'] },
    ]) {
      await assert.rejects(open(token({ ...RS256, ...brought }, CLAIMS, byStranger)), ShapeError)
    }
    assert.equal(await open(token(RS256, CLAIMS, byStranger)), undefined)
  })

  it('is refused under an unknown name of a key, and under another algorithm than the key is for (T-IDP-03)', async () => {
    assert.equal(await open(token({ alg: 'RS256', kid: 'other' })), undefined)
    await assert.rejects(open(token({ alg: 'RS256' })), ShapeError)
    assert.equal(await open(token({ alg: 'PS256', kid: 'RS256' }, CLAIMS, SIGNERS.PS256)), undefined)
    assert.equal(await open(token({ alg: 'PS256', kid: 'PS256' }, CLAIMS, SIGNERS.RS256)), undefined)
  })

  it('says one thing: no member stands in it twice', async () => {
    const twice = JSON.stringify(CLAIMS).replace('"sub":"alice"', '"sub":"mallory","sub":"alice"')
    await assert.rejects(open(token(RS256, twice)), ShapeError)
    await assert.rejects(open(token('{"alg":"none","alg":"RS256","kid":"RS256"}')), ShapeError)
  })

  it('is refused when one bit of it is another', async () => {
    const [head, body, signature] = token(RS256).split('.')
    const other = toBase64url(utf8(JSON.stringify({ ...CLAIMS, sub: 'mallory' })))
    assert.equal(await open(`${head}.${other}.${signature}`), undefined)
    assert.notEqual(await open(`${head}.${body}.${signature}`), undefined)
  })
})
