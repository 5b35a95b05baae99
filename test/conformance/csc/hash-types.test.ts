/**
 * Hash types: what the digests of a request are of (CSC Data Model, 8.2, as v2.2 has it; reference 10.6 and 13.2): `dtbsr`,
 * `sdr` or `sodr`, on their way to the approval page and to the SAD.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { toBase64, toBase64url } from '@natsuin/pki/encoding'
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { AuthorizationDetail, DocumentDigest } from '@natsuin/protocol/csc'
import {
  type Application,
  approve,
  classOf,
  codeOf,
  createRequestKey,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  enrolWithCodes,
  firstCodeOf,
  itemsFor,
  openApplication,
  openApproval,
  PageRefused,
  REDIRECT_URI,
  type RequestParameters,
  SHA256_OID,
  type Signer,
  startThrowaway,
  tokenOf,
} from '@natsuin/testing/deployment'

const key = createRequestKey('digests-1')
const CODES = classOf(2, { id: 'codes', approvals: ['pin-totp'] })
const PIN = '830512'

let deployment: Deployment
let application: Application
/** Its registration says that what its digests are of, where they do not say it, are documents. */
let byDefault: Application
let lenient: Signer
let strict: Signer
before(async () => {
  deployment = await startThrowaway({
    classes: [classOf(2), classOf(3), CODES],
    clients: [
      { id: 'application', name: 'Test application', redirectUris: [REDIRECT_URI] },
      {
        id: 'digests',
        name: 'Digests',
        redirectUris: [REDIRECT_URI],
        keys: [{ kid: key.kid, publicKey: toBase64url(key.publicKey) }],
        registration: { hashType: 'sdr' },
      },
    ],
  })
  application = openApplication(deployment)
  byDefault = openApplication(deployment, { clientId: 'digests' })
  lenient = await enrolSigner(deployment, { commonName: 'Alice' }, { classId: 'level-2' })
  strict = await enrolSigner(deployment, { commonName: 'Bob' }, { classId: 'level-3' })
})
after(() => deployment.stop())

const random = () => new Uint8Array(randomBytes(32))

function detail(digest: object, signer = lenient): AuthorizationDetail {
  return {
    type: 'credential',
    credentialID: signer.credentialId,
    documentDigests: [{ hash: toBase64(random()), label: 'contract.pdf', ...digest } as DocumentDigest],
    hashAlgorithmOID: SHA256_OID,
  }
}

const detailsOf = (one: AuthorizationDetail) => ({ authorization_details: JSON.stringify([one]) })

const parametersOf = (hash: Uint8Array, signer = lenient) => ({
  scope: 'credential',
  credentialID: signer.credentialId,
  numSignatures: '1',
  hashes: toBase64url(hash),
  hashAlgorithmOID: SHA256_OID,
})

/** What the page is shown, and how it goes on. */
async function open(client: Application, parameters: RequestParameters, signer = lenient) {
  const request = client.begin(parameters)
  const shown = await openApproval(deployment, signer, await client.push(request))
  const approving = (items: readonly ApprovalItem[]) =>
    approve(deployment, signer, shown, { items, redirectUri: REDIRECT_URI })
  return {
    items: shown.items,
    approving,
    /** With the file in front of him. */
    async token(digests: readonly Uint8Array[] = []): Promise<string> {
      return tokenOf(await client.redeem(request, codeOf(await approving(itemsFor(shown, digests)))))
    },
  }
}

async function refusalOf(client: Application, parameters: RequestParameters) {
  const good = Object.fromEntries(client.begin({}).parameters)
  const { status, body } = await client.form('pushed_authorize', { ...good, ...parameters })
  return { status, ...(body as { error: string; error_description: string }) }
}

describe('hashType of documentDigests (CSC v2.2; RFC 9396)', () => {
  for (const [written, hashType] of [
    ['sdr', 'sdr'],
    ['SDR', 'sdr'],
    ['sodr', 'sodr'],
    ['SODR', 'sodr'],
  ] as const) {
    it(`${written} is shown to the signer as the digest of a document, and approved as that`, async () => {
      const documentDigest = random()
      const asked = detail({ hash: toBase64(documentDigest), hashType: written })
      const { items, token } = await open(application, detailsOf(asked))
      assert.deepEqual(items, [{ label: 'contract.pdf', hashType, documentDigest }])
      assert.ok(await token([documentDigest]))
    })
  }

  for (const written of ['dtbsr', 'DTBSR', undefined]) {
    it(`${written ?? 'none'} is a DTBS/R, as it always was`, async () => {
      const dtbsr = random()
      const asked = detail({ hash: toBase64(dtbsr), ...(written && { hashType: written }) })
      const { items } = await open(application, detailsOf(asked))
      assert.deepEqual(items, [{ label: 'contract.pdf', dtbsr }])
    })
  }

  it('of any other word is refused, and so is a preimage beside the digest of a document', async () => {
    const wrong = [
      { hashType: 'sodrs' },
      { hashType: 'Sdr' },
      { hashType: '' },
      { hashType: 1 },
      { hashType: 'constructor' },
      { hashType: 'sdr', dtbs: toBase64(random()) },
      { hashType: 'sodr', documentDigest: toBase64(random()) },
      { hashType: 'sdr', hash: toBase64(random().subarray(1)) },
    ]
    for (const one of wrong) {
      const { status, error } = await refusalOf(application, detailsOf(detail(one)))
      assert.deepEqual([status, error], [400, 'invalid_authorization_details'], JSON.stringify(one))
    }
    await open(application, detailsOf(detail({ hashType: 'sdr' })))
  })
})

describe('the parameter hashType of an authorization request', () => {
  it('says what the hashes are of', async () => {
    const documentDigest = random()
    for (const [hashType, written] of [
      ['sdr', 'SDR'],
      ['sodr', 'sodr'],
    ] as const) {
      const { items } = await open(application, { ...parametersOf(documentDigest), hashType: written })
      assert.deepEqual(items, [{ label: '#1', hashType, documentDigest }])
    }
    const { items } = await open(application, { ...parametersOf(documentDigest), hashType: 'DTBSR' })
    assert.deepEqual(items, [{ label: '#1', dtbsr: documentDigest }])
  })

  it('of any other word is refused, and beside authorization_details (T-RAR-03)', async () => {
    const refused = await refusalOf(application, { ...parametersOf(random()), hashType: 'hash' })
    assert.deepEqual(refused, {
      status: 400,
      error: 'invalid_request',
      error_description: 'Invalid parameter hashType',
    })
    const both = await refusalOf(application, { ...detailsOf(detail({})), hashType: 'sdr' })
    assert.equal(both.error_description, 'Both authorization_details and hashType parameters passed')
  })
})

describe('what digests are of that do not say it', () => {
  it('is what the registration of the client says, in either form; what they say goes before', async () => {
    const digest = random()
    const [untyped, typed] = [
      detail({ hash: toBase64(digest) }),
      detail({ hash: toBase64(digest), hashType: 'dtbsr' }),
    ]
    const document = { hashType: 'sdr', documentDigest: digest }
    assert.deepEqual((await open(byDefault, detailsOf(untyped))).items, [
      { label: 'contract.pdf', ...document },
    ])
    assert.deepEqual((await open(byDefault, detailsOf(typed))).items, [
      { label: 'contract.pdf', dtbsr: digest },
    ])
    assert.deepEqual((await open(byDefault, parametersOf(digest))).items, [{ label: '#1', ...document }])
    const { items } = await open(byDefault, { ...parametersOf(digest), hashType: 'dtbsr' })
    assert.deepEqual(items, [{ label: '#1', dtbsr: digest }])
  })

  it('is a DTBS/R in details that the client signed, which page and SAM read as well', async () => {
    const signing = openApplication(deployment, { clientId: 'digests', key })
    const digest = random()
    const untyped = detail({ hash: toBase64(digest) }, strict)
    assert.deepEqual((await open(signing, detailsOf(untyped), strict)).items, [
      { label: 'contract.pdf', dtbsr: digest },
    ])
    const typed = detail({ hash: toBase64(digest), hashType: 'SDR' }, strict)
    const { items, token } = await open(signing, detailsOf(typed), strict)
    assert.deepEqual(items, [{ label: 'contract.pdf', hashType: 'sdr', documentDigest: digest }])
    assert.ok(await token())
  })
})

describe('hashType of credentials/authorize and credentials/extendTransaction', () => {
  const INVALID = { error: 'invalid_request', error_description: 'Invalid parameter hashType' }
  const UNAUTHORISED = { error: 'invalid_request', error_description: 'Hash is not authorized by the SAD' }

  /** Somebody who approves with PIN and code, and what an application says for her. */
  async function begin(client: Application, commonName: string) {
    const signer = await enrolWithCodes(deployment, { commonName }, { pin: PIN, classId: CODES.id })
    const token = await client.serviceToken(signer)
    const digest = random()
    const common = { credentialID: signer.credentialId, hashAlgorithmOID: SHA256_OID }
    const asked = { ...common, numSignatures: 1, hashes: [toBase64(digest)] }
    const authData = [
      { id: 'PIN', value: PIN },
      { id: 'OTP', value: firstCodeOf(signer) },
    ]
    const call = async (method: string, members: object) => {
      const { status, body } = await client.call(method, members, token)
      return { status, body: body as { SAD?: string } }
    }
    const { signAlgo, ...names } = { signAlgo: ECDSA_SHA256_OID, signature_format: 'C' }
    return {
      authorize: (members: object) => call('credentials/authorize', { ...asked, authData, ...members }),
      extend: (SAD: string, members: object) =>
        call('credentials/extendTransaction', { ...common, hashes: asked.hashes, SAD, ...members }),
      signHash: (SAD: string) => call('signatures/signHash', { ...asked, SAD, signAlgo }),
      signDoc: (SAD: string) => {
        const one = { hashes: asked.hashes, hashAlgorithmOID: SHA256_OID, signAlgo, ...names }
        return call('signatures/signDoc', { credentialID: signer.credentialId, SAD, documentDigests: [one] })
      },
    }
  }

  it('says what the hashes are of, for what is authorised and for what goes on', async () => {
    const { authorize, extend, signHash, signDoc } = await begin(application, 'Dora')
    assert.deepEqual(await authorize({ hashType: 'pdf' }), { status: 400, body: INVALID })
    const { status, body } = await authorize({ hashType: 'SDR' })
    const { SAD = '' } = body
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual(await signHash(SAD), { status: 400, body: UNAUTHORISED })
    assert.deepEqual(await extend(SAD, { hashType: 'Sdr' }), { status: 400, body: INVALID })
    assert.deepEqual(await extend(SAD, {}), { status: 400, body: UNAUTHORISED })
    assert.deepEqual(await extend(SAD, { hashType: 'sodr' }), { status: 400, body: UNAUTHORISED })
    const { body: next } = await extend(SAD, { hashType: 'sdr' })
    const signed = await signDoc(next.SAD ?? '')
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
  })

  it('is what the registration says where a request does not', async () => {
    const { authorize, extend, signHash, signDoc } = await begin(byDefault, 'Erin')
    const { SAD = '' } = (await authorize({})).body
    assert.deepEqual(await signHash(SAD), { status: 400, body: UNAUTHORISED })
    assert.deepEqual(await extend(SAD, { hashType: 'dtbsr' }), { status: 400, body: UNAUTHORISED })
    const { body } = await extend(SAD, {})
    assert.equal((await signDoc(body.SAD ?? '')).status, 200)
  })
})

describe('a digest that was approved as one type', () => {
  const signHash = (token: string, hash: Uint8Array, signer = lenient) =>
    application.call(
      'signatures/signHash',
      { credentialID: signer.credentialId, hashes: [toBase64(hash)], signAlgo: ECDSA_SHA256_OID },
      token,
    )

  it('is not authorized as another: signHash signs DTBS/Rs alone (T-SAD-05)', async () => {
    const digest = random()
    for (const hashType of ['sdr', 'sodr']) {
      const { token } = await open(application, detailsOf(detail({ hash: toBase64(digest), hashType })))
      const { status, body } = await signHash(await token(), digest)
      assert.deepEqual(
        [status, body],
        [400, { error: 'invalid_request', error_description: 'Hash is not authorized by the SAD' }],
      )
    }
    const { token } = await open(application, detailsOf(detail({ hash: toBase64(digest) })))
    assert.equal((await signHash(await token(), digest)).status, 200)
  })

  it('is not approved as another, whatever the page says (T-SAD-23)', async () => {
    const digest = random()
    const { approving } = await open(
      application,
      detailsOf(detail({ hash: toBase64(digest), hashType: 'sdr' })),
    )
    const document = { basis: 'seen', label: 'contract.pdf', documentDigest: digest } as const
    const lies: readonly ApprovalItem[] = [
      { ...document, hashType: 'sodr' },
      { basis: 'unseen', label: 'contract.pdf', dtbsr: digest },
      { ...document, hashType: 'sdr', documentDigest: random() },
    ]
    for (const lie of lies) await assert.rejects(approving([lie]), refusedAs('approval-differs'))
    assert.ok(await approving([{ ...document, hashType: 'sdr' }]))
  })

  it('is not approved at level 3 when it is of a whole file', async () => {
    const digest = random()
    const asked = (hashType: string) => detailsOf(detail({ hash: toBase64(digest), hashType }, strict))
    const whole = await open(application, asked('sodr'), strict)
    await assert.rejects(whole.token([digest]), refusedAs('hash-type-refused'))
    const form = await open(application, asked('sdr'), strict)
    assert.ok(await form.token([digest]))
  })

  const refusedAs = (code: string) => (error: unknown) => error instanceof PageRefused && error.code === code
})
