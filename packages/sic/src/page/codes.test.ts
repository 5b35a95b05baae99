import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { appAddress, base32, codeMeansIn, NOTHING_TYPED, newSecret, unready } from './codes.ts'

describe('an authenticator app', () => {
  it('is given its secret in base32 (RFC 4648, 10)', () => {
    const published = {
      f: 'MY',
      fo: 'MZXQ',
      foo: 'MZXW6',
      foob: 'MZXW6YQ',
      fooba: 'MZXW6YTB',
      foobar: 'MZXW6YTBOI',
    }
    for (const [text, encoded] of Object.entries(published)) assert.equal(base32(utf8(text)), encoded)
  })

  it('is given a new one each time, of 160 bits', () => {
    assert.equal(newSecret().length, 20)
    assert.notDeepEqual(newSecret(), newSecret())
  })

  it('shows for whom and where it is', () => {
    const address = appAddress(utf8('12345678901234567890'), { name: '山田 花子', service: 'Natsuin: Test' })
    const { protocol, searchParams, pathname } = new URL(address)
    assert.equal(protocol, 'otpauth:')
    assert.deepEqual(decodeURIComponent(pathname).split('/').at(-1), 'Natsuin: Test:山田 花子')
    assert.equal(searchParams.get('secret'), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    assert.equal(searchParams.get('issuer'), 'Natsuin: Test')
  })
})

describe('what was typed', () => {
  it('is ready with a PIN that is not guessed first, the same again, and a code', () => {
    const typed = { ...NOTHING_TYPED, pin: '830512', again: '830512', code: '123456' }
    assert.equal(unready(typed, 'pinTotp'), undefined)
    assert.equal(unready({ ...typed, pin: '123456' }, 'pinTotp'), 'pin-form')
    assert.equal(unready({ ...typed, pin: '8305' }, 'pinTotp'), 'pin-form')
    assert.equal(unready({ ...typed, again: '830513' }, 'pinTotp'), 'pin-differs')
    assert.equal(unready({ ...typed, code: '12345' }, 'pinTotp'), 'code-form')
  })

  it('is ready for codes that are sent with an address in the place of the code', () => {
    const typed = { ...NOTHING_TYPED, pin: '830512', again: '830512', address: 'alice@example.org' }
    assert.equal(unready(typed, 'pinSentCode'), undefined)
    for (const address of [
      '',
      'alice',
      'alice@localhost',
      'a b@example.org',
      'alice@example.org\nBcc: x@y.z',
    ]) {
      assert.equal(unready({ ...typed, address }, 'pinSentCode'), 'address-form', address)
    }
    assert.equal(unready(typed, 'pinTotp'), 'code-form')
  })

  it('is asked for when the means are a PIN and a code', () => {
    assert.equal(codeMeansIn(['passkey', 'pinTotp']), 'pinTotp')
    assert.equal(codeMeansIn(['pinSentCode']), 'pinSentCode')
    assert.equal(codeMeansIn(['passkey', 'provider']), undefined)
  })
})
