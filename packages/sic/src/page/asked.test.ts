import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64 } from '@natsuin/pki/encoding'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import { createRequestKey, requestClaims, signRequestObject } from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { readAsked } from './asked.ts'
import { Problem } from './problem.ts'

const issuer = 'https://sign.example'
const key = createRequestKey('portal-1')
const { kid, publicKey } = key
const ticket = {
  client: { id: 'portal', name: 'Portal', keys: [{ kid, publicKey }] },
  credential: { id: 'credential-1', label: 'A key', keyType: 'ec-p256' },
} as const

const dtbsr = new Uint8Array(randomBytes(32))
const detail: AuthorizationDetail = {
  type: 'credential',
  credentialID: 'credential-1',
  documentDigests: [{ hash: toBase64(dtbsr), label: '契約書.pdf' }],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
  documentLocations: [{ uri: 'https://files.example/1', method: { type: 'public' } }],
}

const signed = (changed: object = {}, signer = key) => ({
  kind: 'signed' as const,
  requestObject: signRequestObject(signer, {
    ...requestClaims({ clientId: 'portal', issuer, detail }),
    ...changed,
  }),
})

describe('what the application asks for', () => {
  it('is what it signed, and nothing that the server adds', async () => {
    const request = signed()
    assert.deepEqual(await readAsked(request, ticket, issuer), {
      digestAlgorithm: 'sha256',
      items: [{ label: '契約書.pdf', dtbsr }],
      locations: ['https://files.example/1'],
      requestObject: request.requestObject,
    })
  })

  it('is the server’s word when it signed nothing, and then no address is believed', async () => {
    const items = [{ label: '契約書.pdf', dtbsr }]
    const asked = await readAsked({ kind: 'plain', digestAlgorithm: 'sha256', items }, ticket, issuer)
    assert.deepEqual(asked, { digestAlgorithm: 'sha256', items, locations: [], requestObject: undefined })
  })

  it('is not believed when another signed it, or for another service, credential or client', async () => {
    type Of = Parameters<typeof readAsked>[1]
    const refused = (request: ReturnType<typeof signed>, code: string, of: Of = ticket) =>
      assert.rejects(readAsked(request, of, issuer), { code })
    await refused(signed({}, createRequestKey(kid)), 'request-not-genuine')
    await refused(signed({ aud: 'https://elsewhere.example' }), 'request-not-genuine')
    await refused(signed({ jti: 7 }), 'request-not-genuine')
    await refused(signed(), 'request-inconsistent', {
      ...ticket,
      credential: { ...ticket.credential, id: 'another' },
    })
    await assert.rejects(
      readAsked(signed(), { ...ticket, client: { id: 'portal', name: 'Portal' } }, issuer),
      {
        code: 'request-not-genuine',
      },
    )
  })

  it('is never anything else, whatever the server changes in it (property; T-SAD-23)', async () => {
    const { requestObject } = signed()
    const honest = await readAsked({ kind: 'signed', requestObject }, ticket, issuer)
    const change = fc.tuple(fc.nat(requestObject.length - 1), fc.constantFrom(...'AbZ09-_'))
    await fc.assert(
      fc.asyncProperty(change, async ([at, character]) => {
        const other = requestObject.slice(0, at) + character + requestObject.slice(at + 1)
        const outcome = await readAsked({ kind: 'signed', requestObject: other }, ticket, issuer).catch(
          (error: unknown) => error,
        )
        if (other === requestObject) assert.deepEqual(outcome, honest)
        else assert.ok(outcome instanceof Problem, `character ${at}`)
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  })
})
