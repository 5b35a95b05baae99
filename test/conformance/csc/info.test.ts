/** info: CSC API v1.0.4.0 and v2.0.0.2, 11.1. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { editions, infoResponse } from '@natsuin/protocol/csc'
import {
  type Application,
  type Deployment,
  enrolSigner,
  openApplication,
  startThrowaway,
} from '@natsuin/testing/deployment'
import { bodyOf, CITED, openBoth } from './editions.ts'

const REDIRECT_URI = 'http://localhost:1/callback'
const WALLET = 'wallet'

let deployment: Deployment
let application: Application
before(async () => {
  deployment = await startThrowaway({
    clients: [
      { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
      { id: WALLET, name: 'Wallet', redirectUris: [REDIRECT_URI], registration: { specs: '2.2.0.0' } },
    ],
  })
  application = openApplication(deployment)
})
after(() => deployment.stop())

for (const edition of editions) {
  const info = async () => bodyOf(openBoth(deployment)[edition].call('info', {}), infoResponse, edition)

  describe(`info (${CITED[edition]}, 11.1)`, () => {
    it('I-01 says without authorization what the service is and can', async () => {
      const { specs, name, logo, region, lang, description, authType, oauth2 } = await info()
      assert.deepEqual([name, region, lang], ['Natsuin Test', 'JP', 'en'])
      // v1.0.4.0 itself says 1.0.3.0.
      assert.equal(specs, edition === 'v1' ? '1.0.3.0' : '2.0.0.0')
      assert.equal(description, 'Remote signing under the sole control of the signer')
      assert.equal(logo, `${deployment.urls.server}/logo.png`)
      assert.ok(authType.includes('oauth2code'))
      assert.equal(oauth2, `${deployment.urls.server}/`)
    })

    it('I-02 names one authorization server', async () => {
      const told = await info()
      assert.equal(new URL(told.oauth2 ?? '').href, told.oauth2)
      assert.ok(!('oauth2Issuer' in told) && !('oauth2Servers' in told))
    })

    it('I-04 lists only methods that are reachable, with one slash or two', async () => {
      const { methods, oauth2 } = await info()
      for (const method of methods) {
        const isOAuth = method.startsWith('oauth2/')
        const base = openBoth(deployment)[edition].base
        const urls = isOAuth ? [`${oauth2}${method}`, `${oauth2}/${method}`] : [base + method]
        for (const url of urls) {
          const verb = method === 'oauth2/authorize' ? 'GET' : 'POST'
          const { status } = await fetch(url, { method: verb, redirect: 'manual' })
          assert.ok(![404, 405, 501].includes(status), `${url} answered ${status}`)
        }
      }
    })
  })
}

describe('info of v1 (CSC API v1.0.4.0, 11.1)', () => {
  it('I-01 has the members of v1 and no others', async () => {
    const { body } = await openBoth(deployment).v1.call('info', {})
    assert.deepEqual(Object.keys(body as object), [
      ...['specs', 'name', 'logo', 'region', 'lang', 'description', 'authType', 'oauth2', 'methods'],
    ])
    const { methods } = body as { methods: string[] }
    assert.ok(!methods.includes('oauth2/pushed_authorize'))
  })
})

describe('info of v2 (CSC API v2.0.0.2, 11.1)', () => {
  const info = async (base = application) => bodyOf(base.call('info', {}), infoResponse, 'v2')

  it('I-03 has as many parameters as algorithms, and as many envelopes as formats', async () => {
    const { signAlgorithms, signature_formats: formats } = await info()
    assert.equal(signAlgorithms?.algoParams?.length, signAlgorithms?.algos.length)
    const envelopes = formats?.envelope_properties ?? formats?.formats
    assert.equal(envelopes?.length, formats?.formats.length)
    const pss = (signAlgorithms?.algos ?? []).map((oid, i) => [oid, signAlgorithms?.algoParams?.[i]] as const)
    assert.deepEqual(
      pss.filter(([, parameters]) => parameters !== null).map(([oid]) => oid),
      Array.from({ length: 3 }, () => '1.2.840.113549.1.1.10'),
    )
    assert.deepEqual(pss[0], ['1.2.840.10045.4.3.2', null])
  })

  it('I-01 publishes a logo of at most 256 × 256 pixels where it says', async () => {
    const { logo } = await info()
    const response = await fetch(logo)
    assert.equal(response.headers.get('content-type'), 'image/png')
    const header = new DataView(await response.arrayBuffer())
    const [width, height] = [header.getUint32(16), header.getUint32(20)]
    assert.deepEqual([width, height], [256, 256])
  })

  it('tells a client of later specs so, by a base path of its own and by its token', async () => {
    const byPath = await info(openApplication(deployment, { clientId: WALLET, ownBasePath: true }))
    assert.equal(byPath.specs, '2.2.0.0')
    assert.equal(byPath.supportsRar, true)
    assert.ok(byPath.supportedHashTypes?.includes('dtbsr'))
    const signer = await enrolSigner(deployment, { commonName: 'Alice' })
    const wallet = openApplication(deployment, { clientId: WALLET })
    const token = await wallet.serviceToken(signer)
    assert.deepEqual((await wallet.call('info', {}, token)).body, byPath)
    const { specs, supportsRar, supportedHashTypes } = await info()
    assert.deepEqual([specs, supportsRar, supportedHashTypes], ['2.0.0.0', undefined, undefined])
    // A token that is none changes nothing: info needs none.
    assert.deepEqual((await wallet.call('info', {}, 'c2VjcmV0')).body, await info())
  })

  it('has every method under the base path of a client, for its own tokens alone', async () => {
    const signer = await enrolSigner(deployment, { commonName: 'Bob' })
    const wallet = openApplication(deployment, { clientId: WALLET, ownBasePath: true })
    const own = await wallet.call('credentials/list', {}, await wallet.serviceToken(signer))
    assert.deepEqual(own.body, { credentialIDs: [signer.credentialId] })
    const other = await wallet.call('credentials/list', {}, await application.serviceToken(signer))
    assert.equal(other.status, 401)
    const nobody = openApplication(deployment, { clientId: 'nobody', ownBasePath: true })
    assert.equal((await nobody.call('info', {})).status, 404)
  })
})
