/** signatures/signHash: CSC API v1.0.4.0, 11.9; v2.0.0.2, 11.10. Ids: reference catalogue, section 18, and threats T-SAD. */
import assert from 'node:assert/strict'
import { constants, createHash, randomBytes, verify, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { toBase64 } from '@natsuin/pki/encoding'
import { editions } from '@natsuin/protocol/csc'
import {
  type Application,
  classOf,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import { assertRefused, CITED, nameIn, openBoth, refused, spelt, UNAUTHORISED } from './editions.ts'

const SHA384_OID = '2.16.840.1.101.3.4.2.2'
const SHA512_OID = '2.16.840.1.101.3.4.2.3'
const PSS_OID = '1.2.840.113549.1.1.10'
const ED25519_OID = '1.3.101.112'
/** RSASSA-PSS-params with a salt as long as the digest, as deployed clients spell them. */
const PSS = {
  sha256: {
    saltLength: 32,
    oid: SHA256_OID,
    spellings: [
      'MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg',
      'MDCgDTALBglghkgBZQMEAgGhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAIBogMCASA=',
      'MDmgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEgowMCAQE=',
    ],
  },
  sha384: {
    saltLength: 48,
    oid: SHA384_OID,
    spellings: [
      'MDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEw',
      'MDCgDTALBglghkgBZQMEAgKhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAICogMCATA=',
      'MDmgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEwowMCAQE=',
    ],
  },
  sha512: {
    saltLength: 64,
    oid: SHA512_OID,
    spellings: [
      'MDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgFA',
      'MDCgDTALBglghkgBZQMEAgOhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAIDogMCAUA=',
      'MDmgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgFAowMCAQE=',
    ],
  },
} as const
const [WITH_NULL, WITHOUT_NULL] = PSS.sha256.spellings
/** v1 does not know these members. */
const V2_ROWS = [
  ['another operationMode', { operationMode: 'B' }, 'Invalid parameter operationMode'],
  ['an operationMode that is no string', { operationMode: 1 }, 'Invalid parameter operationMode'],
  [
    'a validity_period that is no number',
    { operationMode: 'A', validity_period: 'long' },
    'Invalid parameter validity_period',
  ],
  [
    'a validity_period without end',
    { operationMode: 'A', validity_period: 2 ** 50 },
    'Out of bounds parameter validity_period',
  ],
  [
    'a response_uri that is none',
    { operationMode: 'A', response_uri: 'javascript:' },
    'Invalid parameter response_uri',
  ],
] as const
const FAMILY = { ecdsa: '1.2.840.10045.2.1', rsa: '1.2.840.113549.1.1.1' }

let deployment: Deployment
let application: Application
let alice: Signer
let bob: Signer
let service: string
before(async () => {
  const classes = [
    classOf(1),
    classOf(1, { id: 'rsa', keyType: 'rsa-3072' }),
    classOf(1, { id: 'ed25519', keyType: 'ed25519' }),
    classOf(1, { id: 'short', sadSeconds: 10 }),
  ]
  deployment = await startThrowaway({ classes })
  application = openApplication(deployment)
  alice = await enrolSigner(deployment, { commonName: 'Alice' })
  bob = await enrolSigner(deployment, { commonName: 'Bob' })
  service = await serviceTokenOf(alice)
})
after(() => deployment.stop())

/** A document, and the message whose digest is signed, so that node:crypto can check the signature. */
function signable(count: number, digest: keyof typeof PSS = 'sha256') {
  return Array.from({ length: count }, (_, i) => {
    const message = randomBytes(40)
    const hash = toBase64(new Uint8Array(createHash(digest).update(message).digest()))
    return { message, digest: { hash, label: `Document ${i + 1}` } }
  })
}

/** Alice approved `count` documents; a good request to sign all of them. */
async function approved(count = 1, signer = alice, digest: keyof typeof PSS = 'sha256') {
  const documents = signable(count, digest)
  const detail = detailFor(signer.credentialId, documents, PSS[digest].oid)
  const token = await application.credentialToken(signer, detail)
  owners.set(token, signer)
  const hashes = documents.map(({ digest }) => digest.hash)
  return {
    documents,
    token,
    request: { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID },
  }
}

/** In the server's own record, by which it speaks; the SAM has another. */
function expire({ credentialId }: Signer): void {
  const database = new DatabaseSync(join(deployment.directory, 'server', 'server.db'))
  database.prepare('update credentials set not_after = 1 where credential_id = ?').run(credentialId)
  database.close()
}

async function keyOf(signer: Signer, token: string) {
  const { body } = await application.call('credentials/info', { credentialID: signer.credentialId }, token)
  const { cert } = body as { cert: { certificates: string[] } }
  return new X509Certificate(Buffer.from(cert.certificates[0] ?? '', 'base64')).publicKey
}

/** Of credential tokens. */
const owners = new Map<string, Signer>()
const serviceTokens = new Map<string, string>()

async function serviceTokenOf(signer: Signer): Promise<string> {
  const token = serviceTokens.get(signer.signerId) ?? (await application.serviceToken(signer))
  serviceTokens.set(signer.signerId, token)
  return token
}

const signHash = (body: unknown, token?: string, headers?: Record<string, string>) =>
  application.call('signatures/signHash', body, token, headers)

/** With the credential token where each edition has it: v1 knows it in the body alone. */
const SIGN_HASH = {
  async v1(body: object, token: string) {
    const bearer = await serviceTokenOf(owners.get(token) ?? alice)
    return openBoth(deployment).v1.call('signatures/signHash', spelt('v1', { SAD: token, ...body }), bearer)
  },
  v2: (body: object, token: string) => signHash(body, token),
}

const signaturesOf = ({ status, body }: { status: number; body: unknown }) => {
  assert.equal(status, 200, JSON.stringify(body))
  return (body as { signatures: string[] }).signatures
}

for (const edition of editions) {
  const algorithm = nameIn(edition, 'hashAlgorithmOID')
  const signHash = SIGN_HASH[edition]

  describe(`S-01 S-02 signHash signs what was approved (${CITED[edition]})`, () => {
    for (const count of [1, 5]) {
      it(`${count} digests with ECDSA, in the order of the request, as DER`, async () => {
        const { documents, token, request } = await approved(count)
        const answer = await signHash(request, token)
        const signatures = signaturesOf(answer)
        assert.deepEqual(Object.keys(answer.body as object), ['signatures'])
        assert.equal(signatures.length, count)
        const key = await keyOf(alice, service)
        documents.forEach(({ message }, i) => {
          assert.ok(
            verify('sha256', message, key, Buffer.from(signatures[i] ?? '', 'base64')),
            `signature ${i}`,
          )
        })
      })
    }

    it('in another order than they were approved, each hash with its own signature (T-SAD-07)', async () => {
      const { documents, token, request } = await approved(5)
      const order = [3, 0, 4, 1, 2]
      const hashes = order.map(i => request.hashes[i] ?? '')
      const signatures = signaturesOf(await signHash({ ...request, hashes }, token))
      const key = await keyOf(alice, service)
      order.forEach((from, i) => {
        const message = documents[from]?.message ?? Buffer.alloc(0)
        assert.ok(
          verify('sha256', message, key, Buffer.from(signatures[i] ?? '', 'base64')),
          `signature ${i}`,
        )
      })
    })

    it('with RSA, by the algorithm with its digest and by the family with hashAlgorithmOID', async () => {
      const signer = await enrolSigner(deployment, { commonName: 'Rita' }, { classId: 'rsa' })
      const { documents, token, request } = await approved(2, signer)
      const [first, second] = request.hashes
      const named = { ...request, hashes: [first], signAlgo: '1.2.840.113549.1.1.11' }
      const family = { ...request, hashes: [second], signAlgo: FAMILY.rsa, hashAlgorithmOID: SHA256_OID }
      const key = await keyOf(signer, token)
      const signatures = [
        ...signaturesOf(await signHash(named, token)),
        ...signaturesOf(await signHash(family, token)),
      ]
      documents.forEach(({ message }, i) => {
        assert.ok(
          verify('sha256', message, key, Buffer.from(signatures[i] ?? '', 'base64')),
          `signature ${i}`,
        )
      })
    })

    it('with RSASSA-PSS, by its parameters in every spelling that clients send', async () => {
      const signer = await enrolSigner(deployment, { commonName: 'Petra' }, { classId: 'rsa' })
      for (const digest of ['sha256', 'sha384', 'sha512'] as const) {
        const { spellings, saltLength } = PSS[digest]
        const { documents, token, request } = await approved(spellings.length, signer, digest)
        const key = await keyOf(signer, token)
        const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
        for (const [i, signAlgoParams] of spellings.entries()) {
          const pss = { ...request, hashes: [request.hashes[i]], signAlgo: PSS_OID, signAlgoParams }
          const [signature = ''] = signaturesOf(await signHash(pss, token))
          const message = documents[i]?.message ?? Buffer.alloc(0)
          assert.ok(verify(digest, message, { key, ...padding }, Buffer.from(signature, 'base64')), digest)
        }
      }
    })

    it('refuses RSASSA-PSS without parameters, or with those of no algorithm of ours, and spends nothing', async () => {
      const signer = await enrolSigner(deployment, { commonName: 'Paul' }, { classId: 'rsa' })
      const { token, request } = await approved(1, signer)
      const pss = { ...request, signAlgo: PSS_OID }
      const missing = 'Missing (or invalid type) string parameter signAlgoParams'
      await assertRefused(signHash(pss, token), missing)
      await assertRefused(signHash({ ...pss, signAlgoParams: 1 }, token), missing)
      for (const signAlgoParams of ['*', '', 'MAA=', WITH_NULL.replace('AgEg', 'AgEU')]) {
        await assertRefused(signHash({ ...pss, signAlgoParams }, token), 'Invalid parameter signAlgoParams')
      }
      const contradicting = { signAlgoParams: WITH_NULL, hashAlgorithmOID: SHA384_OID }
      await assertRefused(signHash({ ...pss, ...contradicting }, token), `Invalid parameter ${algorithm}`)
      signaturesOf(await signHash({ ...pss, signAlgoParams: WITHOUT_NULL }, token))
    })

    it('with Ed25519, over the message of what was seen', async () => {
      const signer = await enrolSigner(deployment, { commonName: 'Edda' }, { classId: 'ed25519' })
      const documents = testDocuments(2, 'sha512')
      const token = await application.credentialToken(
        signer,
        detailFor(signer.credentialId, documents, SHA512_OID),
        { documents: documents.map(({ documentDigest }) => documentDigest) },
      )
      owners.set(token, signer)
      const hashes = documents.map(({ digest }) => digest.hash)
      const request = { credentialID: signer.credentialId, hashes, signAlgo: ED25519_OID }
      const signatures = signaturesOf(await signHash(request, token))
      const key = await keyOf(signer, token)
      documents.forEach(({ dtbs }, i) => {
        assert.ok(verify(null, dtbs, key, Buffer.from(signatures[i] ?? '', 'base64')), `signature ${i}`)
      })
    })

    it('has nothing approved for Ed25519 whose message was not seen', async () => {
      const signer = await enrolSigner(deployment, { commonName: 'Edgar' }, { classId: 'ed25519' })
      const documents = testDocuments(1, 'sha512')
      const detail = detailFor(signer.credentialId, documents, SHA512_OID)
      await assert.rejects(application.credentialToken(signer, detail), /dtbs-missing/)
    })

    it('by the family of the key with hashAlgorithmOID', async () => {
      const { token, request } = await approved()
      signaturesOf(
        await signHash({ ...request, signAlgo: FAMILY.ecdsa, hashAlgorithmOID: SHA256_OID }, token),
      )
    })

    it('in several calls, until everything approved is signed', async () => {
      const { token, request } = await approved(3)
      for (const hash of request.hashes) signaturesOf(await signHash({ ...request, hashes: [hash] }, token))
      await assertRefused(
        signHash({ ...request, hashes: request.hashes.slice(0, 1) }, token),
        'Invalid parameter SAD',
      )
    })
  })

  describe(`S-03 signHash refuses in the words of the standard (${CITED[edition]})`, () => {
    const cases: readonly (readonly [string, object, string])[] = [
      [
        'a missing credentialID',
        { credentialID: undefined },
        'Missing (or invalid type) string parameter credentialID',
      ],
      [
        'a credentialID that is no string',
        { credentialID: 1 },
        'Missing (or invalid type) string parameter credentialID',
      ],
      ['an unknown credentialID', { credentialID: 'unknown' }, 'Invalid parameter credentialID'],
      ['missing hashes', { hashes: undefined }, 'Missing (or invalid type) array parameter hash'],
      ['hashes that are no array', { hashes: 'x' }, 'Missing (or invalid type) array parameter hash'],
      ['an empty array', { hashes: [] }, 'Empty hash array'],
      ['an element that is not base64', { hashes: ['*'] }, 'Invalid Base64 hash string parameter'],
      ['an element that is no string', { hashes: [7] }, 'Invalid Base64 hash string parameter'],
      ['base64url', { hashes: ['-_-_'] }, 'Invalid Base64 hash string parameter'],
      ['a missing signAlgo', { signAlgo: undefined }, 'Missing (or invalid type) string parameter signAlgo'],
      [
        'a signAlgo that is no string',
        { signAlgo: 3 },
        'Missing (or invalid type) string parameter signAlgo',
      ],
      ['an unknown signAlgo', { signAlgo: '1.2.3' }, 'Invalid parameter signAlgo'],
      ['ECDSA with SHA-1', { signAlgo: '1.2.840.10045.4.1' }, 'Invalid parameter signAlgo'],
      ['a signAlgo of another key', { signAlgo: '1.2.840.113549.1.1.11' }, 'Invalid parameter signAlgo'],
      ['a signAlgo of another digest', { signAlgo: '1.2.840.10045.4.3.3' }, 'Invalid parameter signAlgo'],
      [
        'a family without hashAlgorithmOID',
        { signAlgo: FAMILY.ecdsa },
        `Missing (or invalid type) string parameter ${algorithm}`,
      ],
      [
        'a family with an unknown hashAlgorithmOID',
        { signAlgo: FAMILY.ecdsa, hashAlgorithmOID: '1.3.14.3.2.26' },
        `Invalid parameter ${algorithm}`,
      ],
      [
        'a contradicting hashAlgorithmOID',
        { hashAlgorithmOID: SHA384_OID },
        `Invalid parameter ${algorithm}`,
      ],
      ...(edition === 'v2' ? V2_ROWS : []),
      ['a clientData that is no string', { clientData: {} }, 'Invalid parameter clientData'],
      ...[20, 31, 33, 48, 64].map(
        length =>
          [
            `a digest of ${length} bytes (T-SAD-09)`,
            { hashes: [Buffer.alloc(length).toString('base64')] },
            'Invalid digest value length',
          ] as const,
      ),
      [
        'a ready-made DigestInfo (T-SAD-11)',
        { hashes: [Buffer.alloc(51, 0x30).toString('base64')] },
        'Invalid digest value length',
      ],
    ]

    it('each of them, and nothing was spent by it', async () => {
      const { token, request } = await approved()
      for (const [what, members, description] of cases) {
        const { status, body } = await signHash({ ...request, ...members }, token)
        assert.deepEqual(body, refused(description), what)
        assert.equal(status, 400, what)
      }
      signaturesOf(await signHash(request, token))
    })

    it('a hash that was not approved, in every spelling of one that was (T-SAD-05, T-SAD-08)', async () => {
      const { token, request } = await approved()
      const approvedHash = Buffer.from(request.hashes[0] ?? '', 'base64')
      const flipped = Buffer.from(approvedHash)
      flipped[31] = (flipped[31] ?? 0) ^ 1
      const unauthorised = UNAUTHORISED[edition]
      await assertRefused(signHash({ ...request, hashes: [flipped.toString('base64')] }, token), unauthorised)
      await assertRefused(
        signHash({ ...request, hashes: [randomBytes(32).toString('base64')] }, token),
        unauthorised,
      )
      const spelt = approvedHash.toString('base64')
      const spellings = [
        spelt.replace(/=+$/, ''),
        `${spelt}\n`,
        ` ${spelt}`,
        `${spelt}\0`,
        `${spelt},${spelt}`,
        `${spelt}%2C${spelt}`,
        `${spelt} ${spelt}`,
        encodeURIComponent(spelt),
      ]
      for (const hash of spellings) {
        await assertRefused(
          signHash({ ...request, hashes: [hash] }, token),
          'Invalid Base64 hash string parameter',
        )
      }
      signaturesOf(await signHash(request, token))
    })

    it('more than was approved, wholly: a call gets all its signatures or none (T-SAD-04, T-SAD-06)', async () => {
      const { token, request } = await approved(2)
      const [first = '', second = ''] = request.hashes
      const unauthorised = UNAUTHORISED[edition]
      await assertRefused(signHash({ ...request, hashes: [first, first] }, token), unauthorised)
      const [strange, tooMany] = [randomBytes(32).toString('base64'), 'Number of signatures is too high']
      await assertRefused(signHash({ ...request, hashes: [first, strange] }, token), unauthorised)
      await assertRefused(signHash({ ...request, hashes: [first, second, strange] }, token), tooMany)
      signaturesOf(await signHash({ ...request, hashes: [first] }, token))
      await assertRefused(signHash({ ...request, hashes: [first, second] }, token), tooMany)
      await assertRefused(signHash({ ...request, hashes: [first] }, token), unauthorised)
      signaturesOf(await signHash({ ...request, hashes: [second] }, token))
    })

    it('100 hashes are taken and 101 are too many (T-LIM-03)', async () => {
      const { token, request } = await approved(100)
      const more = [...request.hashes, randomBytes(32).toString('base64')]
      await assertRefused(signHash({ ...request, hashes: more }, token), 'Too many hashes in one request')
      assert.equal(signaturesOf(await signHash(request, token)).length, 100)
    })

    it('a SAD that has been spent, however often and at once it is sent (T-SAD-01, T-SAD-02)', async () => {
      const { token, request } = await approved()
      const answers = await Promise.all(Array.from({ length: 20 }, () => signHash(request, token)))
      const good = answers.filter(({ status }) => status === 200)
      assert.equal(good.length, 1)
      for (const { status, body } of answers) {
        if (status !== 200) assert.deepEqual(body, refused('Invalid parameter SAD'))
      }
    })

    it('a revoked credential', async () => {
      const carol = await enrolSigner(deployment, { commonName: 'Carol' })
      const { token, request } = await approved(1, carol)
      await revoke(carol)
      await assertRefused(signHash(request, token), 'Signing certificate is revoked')
    })

    it('a certificate that has expired', async () => {
      const eve = await enrolSigner(deployment, { commonName: 'Eve', organizationName: 'Acme' })
      const { token, request } = await approved(1, eve)
      await serviceTokenOf(eve)
      expire(eve)
      const words = {
        v1: "Signing certificate 'O=Acme,CN=Eve' is expired.",
        v2: 'Signing certificate is expired',
      }
      await assertRefused(signHash(request, token), words[edition])
    })
  })
}

describe('S-03 a SAD that has expired (CSC API v1.0.4.0, 11.9; v2.0.0.2, 11.10)', () => {
  it('signs nothing more, as a token or in the body', async () => {
    const dave = await enrolSigner(deployment, { commonName: 'Dave' }, { classId: 'short' })
    const { token, request } = await approved(1, dave)
    const { token: unused, request: sameTime } = await approved(1, dave)
    signaturesOf(await signHash(request, token))
    await new Promise(resolve => setTimeout(resolve, 11_000))
    const own = await serviceTokenOf(dave)
    await assertRefused(SIGN_HASH.v1(sameTime, unused), 'SAD expired')
    await assertRefused(signHash({ ...sameTime, SAD: unused }, own), 'SAD expired')
    const { status, body } = await signHash(sameTime, unused)
    assert.equal(status, 401)
    assert.deepEqual(body, { error: 'expired_token', error_description: 'The access token has expired' })
  })
})

async function revoke(signer: Signer) {
  const token = await application.serviceToken(signer)
  const body = JSON.stringify({ credentialID: signer.credentialId, reason: 'keyCompromise' })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const url = `${deployment.urls.server}/natsuin/v1/credentials/revoke`
  assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 204)
}

describe('S-04 a redundant hashAlgorithmOID is ignored (CSC API v1.0.4.0, 11.9; v2.0.0.2, 11.10)', () => {
  for (const edition of editions) {
    it(`signs as without it: ${nameIn(edition, 'hashAlgorithmOID')}`, async () => {
      const { token, request } = await approved()
      signaturesOf(await SIGN_HASH[edition]({ ...request, hashAlgorithmOID: SHA256_OID }, token))
    })
  }
})

describe('S-05 where the SAD travels (CSC API v2.0.0.2, 8.4.4 and 11.10)', () => {
  it('as the bearer token, alone or repeated in the body', async () => {
    const { token, request } = await approved(2)
    const [first, second] = request.hashes
    signaturesOf(await signHash({ ...request, hashes: [first] }, token))
    signaturesOf(await signHash({ ...request, hashes: [second], SAD: token }, token))
  })

  it('in the body, with the service token of the same signer', async () => {
    const { token, request } = await approved()
    await assertRefused(signHash(request, service), 'Missing (or invalid type) string parameter SAD')
    await assertRefused(
      signHash({ ...request, SAD: 7 }, service),
      'Missing (or invalid type) string parameter SAD',
    )
    await assertRefused(signHash({ ...request, SAD: 'unknown' }, service), 'Invalid parameter SAD')
    await assertRefused(signHash({ ...request, SAD: service }, service), 'Invalid parameter SAD')
    signaturesOf(await signHash({ ...request, SAD: token }, service))
  })

  it('always in the body of v1, whatever the token is (CSC API v1.0.4.0, 11.9)', async () => {
    const { token, request } = await approved()
    for (const bearer of [service, token]) {
      for (const SAD of [undefined, 7, '']) {
        const answer = openBoth(deployment).v1.call(
          'signatures/signHash',
          spelt('v1', { ...request, SAD }),
          bearer,
        )
        await assertRefused(answer, 'Missing (or invalid type) string parameter SAD')
      }
    }
    await assertRefused(SIGN_HASH.v1({ ...request, SAD: 'unknown' }, token), 'Invalid parameter SAD')
    signaturesOf(await SIGN_HASH.v1(request, token))
  })

  it('never two different ones', async () => {
    const [one, other] = [await approved(), await approved()]
    await assertRefused(signHash({ ...one.request, SAD: other.token }, one.token), 'Invalid parameter SAD')
    signaturesOf(await signHash(one.request, one.token))
    signaturesOf(await signHash(other.request, other.token))
  })

  it('not without any token (T-SAD-20)', async () => {
    const { token, request } = await approved()
    await assertRefused(signHash({ ...request, SAD: token }), 'Malformed authorization header')
  })

  it('only with the right token and the right SAD, of none, a wrong and the right one (T-SAD-20)', async () => {
    const { token, request } = await approved()
    const [other, bobs] = [await approved(), await application.serviceToken(bob)]
    for (const bearer of [undefined, bobs, service])
      for (const SAD of [undefined, other.token, token]) {
        if (bearer === service && SAD === token) continue
        const { status } = await signHash({ ...request, ...(SAD && { SAD }) }, bearer)
        assert.equal(status, 400, `${bearer === bobs} ${SAD === token}`)
      }
    signaturesOf(await signHash({ ...request, SAD: token }, service))
  })

  it("not with another signer's service token (T-SAD-13)", async () => {
    const { token, request } = await approved()
    const bobs = await application.serviceToken(bob)
    await assertRefused(signHash({ ...request, SAD: token }, bobs), 'Invalid parameter SAD')
  })

  it("not with another client's service token (T-SAD-14)", async () => {
    const other = openApplication(deployment, { clientId: 'other-application' })
    const { token, request } = await approved()
    const theirs = await other.serviceToken(alice)
    await assertRefused(signHash({ ...request, SAD: token }, theirs), 'Invalid parameter SAD')
  })

  it('not for another credential (T-SAD-12)', async () => {
    const { token, request } = await approved()
    await assertRefused(
      signHash({ ...request, credentialID: bob.credentialId }, token),
      'Invalid parameter credentialID',
    )
  })
})

describe('S-07 members of asynchronous operation are ignored otherwise', () => {
  it('signs at once with operationMode S', async () => {
    const { token, request } = await approved()
    const odd = { operationMode: 'S', validity_period: -1, response_uri: 'javascript:' }
    signaturesOf(await signHash({ ...request, ...odd }, token))
  })
})

describe('Idempotency-Key: a retry is not a second use (threats G3)', () => {
  it('returns the stored values to the same request, and nothing to another', async () => {
    const { token, request } = await approved(2)
    const [first, second] = request.hashes
    const key = { 'idempotency-key': 'retry-1' }
    const once = signaturesOf(await signHash({ ...request, hashes: [first] }, token, key))
    const again = signaturesOf(await signHash({ ...request, hashes: [first] }, token, key))
    assert.deepEqual(again, once)
    await assertRefused(
      signHash({ ...request, hashes: [second] }, token, key),
      'Idempotency-Key was used for another request',
    )
    signaturesOf(await signHash({ ...request, hashes: [second] }, token))
    assert.deepEqual(signaturesOf(await signHash({ ...request, hashes: [first] }, token, key)), once)
  })

  it('refuses a key that is none', async () => {
    const { token, request } = await approved()
    await assertRefused(
      signHash(request, token, { 'idempotency-key': 'x'.repeat(129) }),
      'Invalid header Idempotency-Key',
    )
  })
})

describe('evidence of a signature (/natsuin/v1/evidence)', () => {
  const evidence = (body: object, token: string) =>
    fetch(`${deployment.urls.server}/natsuin/v1/evidence`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    })

  it('is for the signer who made it, found by the signature value', async () => {
    const { token, request } = await approved(2)
    const [, signature] = signaturesOf(await signHash(request, token))
    const asked = { credentialID: alice.credentialId, signature }
    const response = await evidence(asked, service)
    assert.equal(response.status, 200)
    const { evidence: file } = (await response.json()) as { evidence: { type: string; activation: object } }
    assert.equal(file.type, 'natsuin-evidence')
    assert.equal((file.activation as { index: number }).index, 1)
    assert.equal((await evidence(asked, await application.serviceToken(bob))).status, 400)
    // A credential token speaks for its own credential.
    assert.equal((await evidence(asked, token)).status, 200)
    const { token: other } = await approved(1, bob)
    assert.equal((await evidence(asked, other)).status, 400)
    const unknown = { credentialID: alice.credentialId, signature: 'AAAA' }
    assert.deepEqual(await (await evidence(unknown, service)).json(), refused('Invalid parameter signature'))
  })
})
