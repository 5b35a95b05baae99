import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { callerAt, callerOf } from './caller.ts'

describe('a caller by address', () => {
  const same = [
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['2001:db8:0:1::1', '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff'],
    ['2001:db8::', '2001:db8::1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80::2'],
  ] as const
  for (const [one, other] of same) {
    it(`is the same at ${one} and at ${other}`, () => assert.equal(callerAt(one), callerAt(other)))
  }

  const different = [
    ['127.0.0.1', '127.0.0.2'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['::1', '127.0.0.1'],
  ] as const
  for (const [one, other] of different) {
    it(`is another at ${one} than at ${other}`, () => assert.notEqual(callerAt(one), callerAt(other)))
  }
})

describe('a caller behind proxies', () => {
  const PROXIES = ['10.0.0.1', '10.0.0.2']
  const request = (forwarded?: string) =>
    ({
      socket: { remoteAddress: '::ffff:10.0.0.1' },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage

  it('is the last address that is not a proxy of ours, whatever he wrote before it', () => {
    assert.equal(callerOf(request('192.0.2.1'), PROXIES), '192.0.2.1')
    assert.equal(callerOf(request('203.0.113.9, 192.0.2.1, 10.0.0.2'), PROXIES), '192.0.2.1')
  })

  it('is the proxy when it names nobody', () => {
    for (const forwarded of [undefined, '', '10.0.0.2']) {
      assert.equal(callerOf(request(forwarded), PROXIES), '10.0.0.1')
    }
  })

  it('is the peer where there are no proxies, whatever the header says', () => {
    assert.equal(callerOf(request('192.0.2.1'), undefined), '10.0.0.1')
  })
})
