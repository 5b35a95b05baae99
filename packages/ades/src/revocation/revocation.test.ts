import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodePlatform } from '@natsuin/pki/node'
import { parseOcspRequest } from '@natsuin/pki/ocsp'
import { authorityInfoAccess, crlDistributionPoints } from '@natsuin/pki/x509'
import { issue, issuing, NOW, ocspAnswerOf, SIGNER, signer, statusSource } from '@natsuin/testing/pki'
import { AdesRefusal } from '../refusal.ts'
import type { RevocationSource } from '../validation-data/revocation-source.ts'
import { checked } from './checked.ts'
import { crlBy } from './crl-by.ts'
import type { Exchange, ExchangeRequest } from './exchange.ts'
import { firstOf } from './first-of.ts'
import { ocspBy } from './ocsp-by.ts'
import { remembered } from './remembered.ts'
import { withinBudget } from './within-budget.ts'

const OCSP_URLS = ['http://ocsp.test/one', 'http://ocsp.test/two']
const CRL_URLS = ['http://crl.test/one', 'http://crl.test/two']
const named = await issue({
  name: 'Taro Tanaka',
  issuer: issuing,
  extensions: [...SIGNER, authorityInfoAccess({ ocsp: OCSP_URLS }), crlDistributionPoints(CRL_URLS)],
})
const question = { certificate: named.certificate, issuer: issuing.certificate, at: NOW }
const unnamed = { ...question, certificate: signer.certificate }
const refusal = (code: string) => ({ name: 'AdesRefusal', code })

const failing: RevocationSource = async () => {
  throw new AdesRefusal('exchange-failed')
}

/** An exchange that notes what it is asked, and fails where it is told to. */
function noting(fails: (url: string) => boolean = () => false) {
  const asked: ExchangeRequest[] = []
  const exchange: Exchange = async request => {
    asked.push(request)
    if (fails(request.url)) throw new AdesRefusal('exchange-failed')
    return Uint8Array.of(7)
  }
  return { asked, exchange }
}

describe('asking over HTTP', () => {
  it('posts to the responder that the certificate names (RFC 6960, appendix A.1)', async () => {
    const { asked, exchange } = noting()
    assert.deepEqual(await ocspBy(exchange)(question), { kind: 'ocsp', der: Uint8Array.of(7) })
    const [request] = asked
    assert.deepEqual([request?.url, request?.contentType], [OCSP_URLS[0], 'application/ocsp-request'])
    const { certIds } = parseOcspRequest(request?.body ?? new Uint8Array())
    assert.deepEqual(certIds[0]?.serialNumber, named.certificate.serialNumber)
  })

  it('gets the list that the certificate names (RFC 5280, 4.2.1.13)', async () => {
    const { asked, exchange } = noting()
    assert.deepEqual(await crlBy(exchange)(question), { kind: 'crl', der: Uint8Array.of(7) })
    assert.deepEqual([asked[0]?.url, asked[0]?.body], [CRL_URLS[0], undefined])
  })

  it('goes on to the next address, and refuses after the last', async () => {
    for (const [by, urls] of [
      [ocspBy, OCSP_URLS],
      [crlBy, CRL_URLS],
    ] as const) {
      const { asked, exchange } = noting(url => url === urls[0])
      await by(exchange)(question)
      assert.deepEqual(
        asked.map(({ url }) => url),
        urls,
      )
      await assert.rejects(by(noting(() => true).exchange)(question), refusal('status-unavailable'))
    }
  })

  it('asks nobody about a certificate that names nobody', async () => {
    const { asked, exchange } = noting()
    for (const by of [ocspBy, crlBy])
      await assert.rejects(by(exchange)(unnamed), refusal('status-unavailable'))
    assert.deepEqual(asked, [])
  })

  it('ends after so many requests (T-SSRF-05)', async () => {
    const { asked, exchange } = noting(() => true)
    const source = ocspBy(withinBudget(exchange, 3))
    for (let i = 0; i < 5; i++) await assert.rejects(source(question), refusal('status-unavailable'))
    assert.equal(asked.length, 3)
  })
})

describe('several sources', () => {
  it('are asked in their order until one answers', async () => {
    assert.equal((await firstOf(failing, statusSource({ kind: 'crl' }))(question)).kind, 'crl')
    assert.equal((await firstOf(statusSource(), statusSource({ kind: 'crl' }))(question)).kind, 'ocsp')
  })

  it('refuse with the last reason, and without a source at all', async () => {
    await assert.rejects(firstOf(failing)(question), refusal('exchange-failed'))
    await assert.rejects(firstOf()(question), refusal('status-unavailable'))
  })

  it('are asked on where an answer does not verify, when they are checked', async () => {
    const forged: RevocationSource = async () => ({ kind: 'ocsp', der: Uint8Array.of(0x30, 0) })
    await assert.rejects(checked(forged, nodePlatform)(question), refusal('status-invalid'))
    const source = firstOf(checked(forged, nodePlatform), statusSource({ kind: 'crl' }))
    assert.equal((await source(question)).kind, 'crl')
  })

  it('do not hide a defect', async () => {
    const broken: RevocationSource = async () => assert.fail('a defect')
    await assert.rejects(firstOf(broken, statusSource())(question), /a defect/)
  })
})

describe('answers that are remembered', () => {
  const counting = (source: RevocationSource) => {
    const calls: string[] = []
    const counted: RevocationSource = asked => {
      calls.push(asked.certificate.subject.text)
      return source(asked)
    }
    return { calls, counted }
  }

  it('are good until nextUpdate', async () => {
    const { calls, counted } = counting(statusSource({ thisUpdate: NOW }))
    const source = remembered(counted, { platform: nodePlatform })
    const after = (hours: number) => source({ ...question, at: new Date(NOW.getTime() + hours * 3_600_000) })
    for (const hours of [0, 1, 24]) await after(hours)
    assert.equal(calls.length, 1)
    await after(25)
    assert.equal(calls.length, 2)
  })

  it('speak for their own certificate only (T-SSRF-06)', async () => {
    const { calls, counted } = counting(statusSource())
    const source = remembered(counted, { platform: nodePlatform })
    for (const asked of [question, unnamed, question, unnamed]) await source(asked)
    assert.equal(calls.length, 2)
  })

  it('are only those that verify: what was forged once is asked for again (T-SSRF-06)', async () => {
    let answers = 0
    const source = remembered(
      async ({ certificate, at }) => {
        answers += 1
        const by = answers === 1 ? signer : issuing
        return { kind: 'ocsp', der: await ocspAnswerOf(certificate, by, { thisUpdate: at, responder: by }) }
      },
      { platform: nodePlatform },
    )
    for (let i = 0; i < 3; i++) await source(question)
    assert.equal(answers, 2)
  })

  it('are at most so many', async () => {
    const { calls, counted } = counting(statusSource())
    const source = remembered(counted, { platform: nodePlatform, entries: 1 })
    for (const asked of [question, unnamed, question]) await source(asked)
    assert.equal(calls.length, 3)
  })
})
