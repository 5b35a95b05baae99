import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { timeStampToken } from '@natsuin/testing/pki'
import { createCscClient } from './client.ts'
import { type ScriptedService, startService } from './test-kit.ts'

const service = { accessToken: 'at', type: 'Bearer', expiresInSeconds: 60 } as const
const sad = { sad: 'the SAD', expiresInSeconds: 300 }
const hash = new Uint8Array(32).fill(0xfb)
const HASH = Buffer.from(hash).toString('base64')
const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA = '1.2.840.10045.4.3.2'

/** As services describe a credential in v1: numbers as texts, a text as a number, null for what is absent. */
const V1_CREDENTIAL = {
  key: { status: 'enabled', algo: [ECDSA], len: '256', curve: 'P-256' },
  cert: { status: 'valid', certificates: ['AQI=', 'AwQ'], validFrom: '20260101000000Z', issuerDN: null },
  authMode: 'explicit',
  PIN: { presence: 'true', format: 'N', label: 'PIN' },
  OTP: { presence: 'optional', type: 'online', format: 'N', ID: 'sms-1' },
  SCAL: 2,
  multisign: '5',
}

describe('the client at a service of CSC API v1.0.4.0', () => {
  let v1: ScriptedService
  let client: ReturnType<typeof createCscClient>
  before(async () => {
    v1 = await startService({
      '/csc/v1/info': { body: { specs: '1.0.3.0', methods: [], oauth2: null } },
      '/csc/v1/credentials/list': ({ json }) => ({
        body:
          json['pageToken'] === undefined
            ? { credentialIDs: ['a', 'b'], nextPageToken: 'p2' }
            : { credentialIDs: ['c'], nextPageToken: null },
      }),
      '/csc/v1/credentials/info': { body: V1_CREDENTIAL },
      '/csc/v1/credentials/sendOTP': { status: 204 },
      '/csc/v1/credentials/authorize': { body: { SAD: 'the SAD', expiresIn: 300 } },
      '/csc/v1/credentials/extendTransaction': { body: { SAD: 'the next SAD' } },
      '/csc/v1/signatures/signHash': { body: { signatures: ['-_\n-_'] } },
    })
    client = createCscClient({ baseUrl: `${v1.url}/csc/v1` })
  })
  after(() => v1.close())

  const bodyOf = (method: string) => v1.to(`/csc/v1/${method}`).at(-1)?.json

  it('reads every page of a list, and asks for as many at once as it is told', async () => {
    const { credentialIDs, onlyValid } = await client.credentialsList(service, {
      maxResults: 2,
      onlyValid: true,
    })
    assert.deepEqual([credentialIDs, onlyValid], [['a', 'b', 'c'], false])
    assert.deepEqual(
      v1.to('/csc/v1/credentials/list').map(({ json }) => json),
      [{ maxResults: 2 }, { maxResults: 2, pageToken: 'p2' }],
    )
  })

  it('gives a credential as v2 describes it', async () => {
    const info = await client.credentialsInfo(service, { credentialID: 'c' })
    assert.deepEqual(info, {
      key: { status: 'enabled', algo: [ECDSA], len: 256, curve: '1.2.840.10045.3.1.7' },
      cert: {
        status: 'valid',
        certificates: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
        validFrom: new Date('2026-01-01T00:00:00Z'),
      },
      auth: {
        mode: 'explicit',
        expression: 'PIN',
        objects: [
          { type: 'Password', id: 'PIN', format: 'N', label: 'PIN' },
          { type: 'ChallengeResponse', id: 'OTP', format: 'N' },
        ],
      },
      SCAL: '2',
      multisign: 5,
    })
    assert.deepEqual(bodyOf('credentials/info'), {
      credentialID: 'c',
      certificates: 'chain',
      certInfo: true,
      authInfo: true,
    })
  })

  it('sends the factors as members of their own, and has a code sent by sendOTP', async () => {
    const wanted = { credentialID: 'c', authObjectID: 'OTP' }
    assert.equal(await client.credentialsGetChallenge(service, wanted), undefined)
    assert.deepEqual(bodyOf('credentials/sendOTP'), { credentialID: 'c' })
    const authData = [
      { id: 'PIN', value: '1234' },
      { id: 'OTP', value: '567890' },
    ]
    const request = { credentialID: 'c', hashes: [hash], hashAlgorithmOID: SHA256, authData }
    assert.deepEqual(await client.credentialsAuthorize(service, request), sad)
    assert.deepEqual(bodyOf('credentials/authorize'), {
      credentialID: 'c',
      numSignatures: 1,
      hash: [HASH],
      PIN: '1234',
      OTP: '567890',
    })
    await assert.rejects(
      client.credentialsAuthorize(service, { ...request, authData: [{ id: 'SMS' }] }),
      TypeError,
    )
  })

  it('signs with a SAD beside the service token, and with a credential token alone it does not try', async () => {
    const request = { credentialID: 'c', hashes: [hash], hashAlgorithmOID: SHA256, signAlgo: ECDSA }
    const [value] = await client.signHash({ service, sad }, request)
    assert.deepEqual(value, Uint8Array.of(0xfb, 0xff, 0xbf))
    assert.deepEqual(bodyOf('signatures/signHash'), {
      credentialID: 'c',
      SAD: 'the SAD',
      hash: [HASH],
      hashAlgo: SHA256,
      signAlgo: ECDSA,
    })
    const credential = { ...service, accessToken: 'credential token', type: 'SAD' } as const
    await client.signHash({ service, sad: credential }, request)
    assert.equal(bodyOf('signatures/signHash')?.['SAD'], 'credential token')
    const before = v1.seen.length
    await assert.rejects(client.signHash(credential, request), TypeError)
    assert.equal(v1.seen.length, before)
  })

  it('extends a transaction with the hashes of the next call', async () => {
    const next = await client.credentialsExtendTransaction(service, {
      credentialID: 'c',
      sad,
      hashes: [hash],
    })
    assert.deepEqual(next, { sad: 'the next SAD', expiresInSeconds: 3600 })
    assert.deepEqual(bodyOf('credentials/extendTransaction'), {
      credentialID: 'c',
      hash: [HASH],
      SAD: 'the SAD',
    })
  })
})

describe('the client at a service of CSC API v2', () => {
  let v2: ScriptedService
  let stamped: Uint8Array
  let client: ReturnType<typeof createCscClient>
  before(async () => {
    stamped = await timeStampToken(hash, 'sha256')
    v2 = await startService({
      '/tenant/csc/v2/info': { body: { specs: '2.0.0.0', methods: [], conformance_levels: ['Ades-B-B'] } },
      '/tenant/csc/v2/auth/login': { body: { access_token: 'at', refresh_token: 'rt', expires_in: 1800 } },
      '/tenant/csc/v2/auth/revoke': { status: 204 },
      '/tenant/csc/v2/credentials/list': {
        body: {
          credentialIDs: ['a'],
          credentialInfos: [
            { ...V1_CREDENTIAL, auth: { mode: 'oauth2code', objects: null }, credentialID: 'a' },
          ],
          onlyValid: true,
        },
      },
      '/tenant/csc/v2/credentials/authorize': {
        status: 202,
        headers: { 'retry-after': '0' },
        body: { handle: 'h1' },
      },
      '/tenant/csc/v2/credentials/authorizeCheck': [
        { status: 202, headers: { 'retry-after': '0' }, body: { handle: 'h2' } },
        { body: { SAD: 'the SAD', expiresIn: 300 } },
      ],
      '/tenant/csc/v2/credentials/getChallenge': [
        { status: 201 },
        { status: 204 },
        { body: { challenge: 'which?' } },
      ],
      '/tenant/csc/v2/credentials/create': { status: 201, body: { credentialID: 'new' } },
      '/tenant/csc/v2/credentials/delete': { status: 204 },
      '/tenant/csc/v2/signatures/signHash': { body: { responseID: 'r1' } },
      '/tenant/csc/v2/signatures/signPolling': [
        { status: 202, headers: { 'retry-after': '0' }, body: { error: 'accepted_request' } },
        { body: { signatures: ['AQI='] } },
      ],
      '/tenant/csc/v2/signatures/timestamp': { body: { timestamp: Buffer.from(stamped).toString('base64') } },
    })
    client = createCscClient({ baseUrl: `${v2.url}/tenant/csc/v2/` })
  })
  after(() => v2.close())

  const bodyOf = (method: string, at = -1) => v2.to(`/tenant/csc/v2/${method}`).at(at)?.json

  it('logs in by name and password, logs in again by the refresh token, and revokes', async () => {
    const token = await client.authLogin({ user: 'hanako', password: 'ひみつ', rememberMe: true })
    assert.deepEqual(token, { accessToken: 'at', type: 'Bearer', expiresInSeconds: 1800, refreshToken: 'rt' })
    const shown = v2.to('/tenant/csc/v2/auth/login')[0]?.headers.authorization?.slice('Basic '.length) ?? ''
    assert.equal(Buffer.from(shown, 'base64').toString(), 'hanako:ひみつ')
    await client.authLogin({ refreshToken: 'rt' })
    assert.deepEqual(bodyOf('auth/login'), { refresh_token: 'rt' })
    await client.authRevoke(token, 'refresh-token')
    assert.deepEqual(bodyOf('auth/revoke'), { token: 'rt', token_type_hint: 'refresh_token' })
    assert.equal(v2.to('/tenant/csc/v2/auth/revoke')[0]?.headers.authorization, 'Bearer at')
  })

  it('lists credentials with what is known of them', async () => {
    const listed = await client.credentialsList(service, { credentialInfo: true, onlyValid: true })
    assert.deepEqual([listed.onlyValid, listed.credentialInfos?.[0]?.credentialID], [true, 'a'])
    assert.deepEqual(listed.credentialInfos?.[0]?.auth, { mode: 'oauth2code', objects: [] })
    const lean = { certificates: 'none', certInfo: false, authInfo: false } as const
    await client.credentialsList(undefined, { userID: 'hanako', credentialInfo: true, ...lean })
    assert.deepEqual(bodyOf('credentials/list'), {
      userID: 'hanako',
      credentialInfo: true,
      certificates: 'none',
    })
    assert.equal(v2.to('/tenant/csc/v2/credentials/list').at(-1)?.headers.authorization, undefined)
  })

  it('waits for an approval on another channel with the newest handle', async () => {
    const request = {
      credentialID: 'c',
      hashes: [hash],
      hashAlgorithmOID: SHA256,
      hashType: 'sodr',
      authData: [{ id: 'APPROVAL' }],
    } as const
    const answer = await client.credentialsAuthorize(service, request, { clientData: 'case 7' })
    assert.deepEqual(answer, { handle: 'h1', retryAfterSeconds: 0 })
    assert.deepEqual(await client.approved(service, answer), sad)
    assert.deepEqual(bodyOf('credentials/authorize'), {
      credentialID: 'c',
      numSignatures: 1,
      hashes: [HASH],
      hashAlgorithmOID: SHA256,
      hashType: 'sodr',
      authData: [{ id: 'APPROVAL' }],
      clientData: 'case 7',
    })
    assert.deepEqual(
      [bodyOf('credentials/authorizeCheck', 0), bodyOf('credentials/authorizeCheck')],
      [{ handle: 'h1' }, { handle: 'h2' }],
    )
  })

  it('takes 201 and 204 for a challenge that went another way', async () => {
    const ask = () => client.credentialsGetChallenge(service, { credentialID: 'c', authObjectID: 'SMS' })
    assert.deepEqual([await ask(), await ask(), await ask()], [undefined, undefined, 'which?'])
  })

  it('makes and deletes credentials', async () => {
    const request = { certificatePolicy: '0.4.0.194112.1.2', subjectData: { given_name: '花子' } }
    assert.deepEqual(await client.credentialsCreate(service, request), { credentialID: 'new' })
    assert.deepEqual(bodyOf('credentials/create'), { credentialCreationRequest: request })
    await client.credentialsDelete(service, { credentialID: 'new', revocationReason: 4 })
    assert.deepEqual(bodyOf('credentials/delete'), { credentialID: 'new', revoke: true, revocationReason: 4 })
  })

  it('has a service sign later, and fetches the result', async () => {
    const request = { credentialID: 'c', hashes: [hash], signAlgo: ECDSA, validityPeriodMs: 60_000 }
    const responseID = await client.signHashLater(service, request)
    assert.deepEqual(bodyOf('signatures/signHash'), {
      credentialID: 'c',
      hashes: [HASH],
      signAlgo: ECDSA,
      operationMode: 'A',
      validity_period: 60_000,
    })
    assert.deepEqual(await client.signPolling(service, { responseID }), { retryAfterSeconds: 0 })
    const { signatures } = await client.finished(service, { responseID })
    assert.deepEqual(
      [signatures, bodyOf('signatures/signPolling')],
      [[Uint8Array.of(1, 2)], { requestID: 'r1' }],
    )
  })

  it('takes a time-stamp that answers its request, and no other', async () => {
    const request = { hash, hashAlgo: SHA256 }
    assert.deepEqual(await client.timestamp(service, request), Uint8Array.from(stamped))
    const nonce = Uint8Array.of(0x01, 0xab)
    for (const other of [
      { ...request, nonce },
      { ...request, hash: new Uint8Array(32) },
    ]) {
      await assert.rejects(client.timestamp(service, other), { name: 'UnexpectedAnswer' })
    }
    assert.deepEqual(bodyOf('signatures/timestamp', -2), { hash: HASH, hashAlgo: SHA256, nonce: '01ab' })
  })
})

describe('what services say that stray from the standard', () => {
  const said: Record<
    string,
    [
      answer: { status: number; headers?: Record<string, string>; body: unknown },
      code: string,
      description: string,
    ]
  > = {
    'a code in capitals': [
      { status: 400, body: { error: 'Invalid_request', error_description: 'x' } },
      'invalid_request',
      'x',
    ],
    'a code with a space': [{ status: 400, body: { error: 'invalid_request ' } }, 'invalid_request', ''],
    'a message alone': [{ status: 400, body: { message: 'x' } }, 'invalid_request', 'x'],
    'a text instead of JSON': [{ status: 400, body: 'Bad Request' }, 'invalid_request', ''],
    'a description of another name': [{ status: 401, body: { errorDescription: 'x' } }, 'invalid_token', 'x'],
    'a code in the header alone': [
      { status: 401, headers: { 'www-authenticate': 'Bearer error="expired_token"' }, body: '' },
      'expired_token',
      '',
    ],
    'a code of its own': [{ status: 400, body: { error: 'invalidSad' } }, 'invalidSad', ''],
    'a page of a proxy': [{ status: 502, body: '<html>' }, 'server_error', ''],
    'an array': [{ status: 501, body: [] }, 'not_implemented', ''],
  }

  for (const [what, [answer, code, description]] of Object.entries(said))
    it(`is understood: ${what}`, async () => {
      const odd = await startService({ '/csc/v2/credentials/list': answer })
      try {
        const client = createCscClient({ baseUrl: `${odd.url}/csc/v2/`, retry: { attempts: 1 } })
        await assert.rejects(client.credentialsList(service), {
          name: 'CscError',
          status: answer.status,
          code,
          description,
        })
      } finally {
        await odd.close()
      }
    })

  it('is an unexpected answer, where it cannot be understood', async () => {
    const odd = await startService({
      '/csc/v2/info': { body: { specs: '2.0.0.0' } },
      '/csc/v2/signatures/signHash': [
        { body: {} },
        { body: { signatures: ['§'] } },
        { body: { signatures: [] } },
      ],
      '/csc/v2/credentials/info': { body: 'not JSON' },
    })
    try {
      const client = createCscClient({ baseUrl: `${odd.url}/csc/v2/` })
      const request = { credentialID: 'c', hashes: [hash], signAlgo: ECDSA }
      for (let i = 0; i < 3; i++) {
        await assert.rejects(client.signHash(service, request), { name: 'UnexpectedAnswer' })
      }
      await assert.rejects(client.credentialsInfo(service, { credentialID: 'c' }), {
        name: 'UnexpectedAnswer',
      })
    } finally {
      await odd.close()
    }
  })

  it('is the edition, where the base URL does not say it', async () => {
    const unnamed = await startService({ '/api/info': { body: { specs: '1.0.3.0' } } })
    try {
      assert.equal(await createCscClient({ baseUrl: `${unnamed.url}/api/` }).edition(), 'v1')
      assert.equal(await createCscClient({ baseUrl: `${unnamed.url}/csc/v0/` }).edition(), 'v1')
      assert.equal(await createCscClient({ baseUrl: `${unnamed.url}/csc/v2` }).edition(), 'v2')
    } finally {
      await unnamed.close()
    }
  })
})
