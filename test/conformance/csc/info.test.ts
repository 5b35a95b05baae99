/** info: CSC API v2.0.0.2, 11.1. Ids: reference catalogue, section 18. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Application,
  type Deployment,
  openApplication,
  startThrowaway,
} from '@natsuin/testing/deployment'

let deployment: Deployment
let application: Application
before(async () => {
  deployment = await startThrowaway()
  application = openApplication(deployment)
})
after(() => deployment.stop())

describe('info (CSC API v2.0.0.2, 11.1)', () => {
  it('I-01 I-02 I-03 says without authorization what the service is and can', async () => {
    const { status, body } = await application.call('info', {})
    assert.equal(status, 200)
    assert.deepEqual(body, {
      specs: '2.0.0.0',
      name: 'Natsuin Test',
      logo: `${deployment.urls.server}/logo.png`,
      region: 'JP',
      lang: 'en',
      description: 'Remote signing under the sole control of the signer',
      authType: ['oauth2code', 'oauth2client'],
      oauth2: `${deployment.urls.server}/`,
      asynchronousOperationMode: false,
      methods: [
        'info',
        'credentials/list',
        'credentials/info',
        'credentials/authorize',
        'credentials/extendTransaction',
        'signatures/signHash',
        'oauth2/authorize',
        'oauth2/pushed_authorize',
        'oauth2/token',
        'oauth2/revoke',
      ],
      validationInfo: false,
      signAlgorithms: {
        algos: [
          '1.2.840.10045.4.3.2',
          '1.2.840.10045.4.3.3',
          '1.2.840.10045.4.3.4',
          '1.2.840.10045.2.1',
          '1.2.840.113549.1.1.10',
          '1.2.840.113549.1.1.10',
          '1.2.840.113549.1.1.10',
          '1.2.840.113549.1.1.11',
          '1.2.840.113549.1.1.12',
          '1.2.840.113549.1.1.13',
          '1.2.840.113549.1.1.1',
          '1.3.101.112',
        ],
        algoParams: [
          ...[null, null, null, null],
          'MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg',
          'MDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEw',
          'MDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgFA',
          ...[null, null, null, null, null],
        ],
      },
      signature_formats: { formats: [] },
      conformance_levels: [],
    })
  })

  it('I-01 publishes a logo of at most 256 × 256 pixels where it says', async () => {
    const { logo } = (await application.call('info', {})).body as { logo: string }
    const response = await fetch(logo)
    assert.equal(response.headers.get('content-type'), 'image/png')
    const header = new DataView(await response.arrayBuffer())
    const [width, height] = [header.getUint32(16), header.getUint32(20)]
    assert.deepEqual([width, height], [256, 256])
  })

  it('I-04 lists only methods that are reachable, with one slash or two', async () => {
    const { methods, oauth2 } = (await application.call('info', {})).body as {
      methods: string[]
      oauth2: string
    }
    for (const method of methods) {
      const isOAuth = method.startsWith('oauth2/')
      const urls = isOAuth ? [oauth2 + method, `${oauth2}/${method}`] : [deployment.urls.csc + method]
      for (const url of urls) {
        const verb = method === 'oauth2/authorize' ? 'GET' : 'POST'
        const { status } = await fetch(url, { method: verb, redirect: 'manual' })
        assert.ok(![404, 405, 501].includes(status), `${url} answered ${status}`)
      }
    }
  })
})
