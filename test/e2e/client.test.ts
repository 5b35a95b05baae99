/**
 * `@natsuin/client` at a real service, in both editions: what it promises of lost answers, of bound tokens, and of approvals
 * that need no browser of ours.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { bytesSource } from '@natsuin/ades/pdf'
import { verifyPades } from '@natsuin/ades/validation'
import {
  type CredentialRequest,
  type CscClient,
  type CscClientOptions,
  CscError,
  createCscClient,
  newDpopKey,
  type Token,
} from '@natsuin/client'
import { digestSync } from '@natsuin/pki/node'
import {
  approve,
  type CodeSigner,
  classOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSigner,
  enrolWithCodes,
  firstCodeOf,
  itemsFor,
  logIn,
  openApproval,
  REDIRECT_URI,
  SHA256_OID,
  type Signer,
  startThrowaway,
  testDocuments,
} from '@natsuin/testing/deployment'
import { documentOfSize } from '@natsuin/testing/pdf'

const CODES = classOf(1, { id: 'codes', approvals: ['pin-totp'] })
const LEGACY = {
  id: 'legacy',
  name: 'Legacy',
  redirectUris: [REDIRECT_URI],
  secret: 'a secret: with + and %',
  registration: { profile: 'csc-v1' },
}
const PAGES = { id: 'pages', name: 'Pages', redirectUris: [REDIRECT_URI] }

let deployment: Deployment
let hanako: Signer
before(async () => {
  deployment = await startThrowaway({ classes: [classOf(2), CODES], clients: [PAGES, LEGACY] })
  hanako = await enrolSigner(deployment, { countryName: 'JP', commonName: 'Hanako' }, { classId: 'level-2' })
})
after(() => deployment?.stop())

function open(edition: 'v1' | 'v2', options: Partial<CscClientOptions> = {}): CscClient {
  const baseUrl = `${deployment.urls.server}/csc/${edition}/`
  const secret = { method: 'client_secret_basic', secret: LEGACY.secret } as const
  const who = edition === 'v1' ? { clientId: LEGACY.id, authentication: secret } : { clientId: PAGES.id }
  return createCscClient({
    baseUrl,
    redirectUri: REDIRECT_URI,
    ...who,
    retry: { firstPauseMs: 1 },
    ...options,
  })
}

async function loggedIn(client: CscClient, signer: Signer): Promise<Token> {
  const { url, pending } = await client.beginServiceAuthorisation()
  return await client.finishAuthorisation(pending, await logIn(deployment, signer, url, REDIRECT_URI))
}

const newHashes = (count: number) => testDocuments(count).map(({ dtbsr }) => dtbsr)

function requestFor({ credentialId: credentialID }: Signer, hashes: readonly Uint8Array[]) {
  return {
    asked: { credentialID, hashAlgorithmOID: SHA256_OID, documentDigests: hashes.map(hash => ({ hash })) },
    signing: { credentialID, hashes, hashAlgorithmOID: SHA256_OID, signAlgo: ECDSA_SHA256_OID },
  }
}

async function approvedBy(client: CscClient, signer: Signer, asked: CredentialRequest): Promise<Token> {
  const { url, pending } = await client.beginCredentialAuthorisation(asked)
  const shown = await openApproval(deployment, signer, url)
  const options = { items: itemsFor(shown, []), redirectUri: REDIRECT_URI }
  return await client.finishAuthorisation(pending, await approve(deployment, signer, shown, options))
}

/** The answer to the first call of a method gets lost, after the service gave it. */
function losing(method: string) {
  const sent: string[] = []
  const fetch: CscClientOptions['fetch'] = async (url, init) => {
    const response = await globalThis.fetch(url, init)
    if (!url.endsWith(method)) return response
    sent.push(String(new Headers(init.headers).get('idempotency-key')))
    if (sent.length > 1) return response
    await response.arrayBuffer()
    throw new TypeError('the connection is gone')
  }
  return { fetch, sent }
}

describe('a signature whose answer was lost', () => {
  it('is the same when the client asks again, and was made once', async () => {
    const [hash = assert.fail(), other = assert.fail()] = newHashes(2)
    const { fetch, sent } = losing('signatures/signHash')
    const client = open('v2', { fetch })
    const { asked, signing } = requestFor(hanako, [hash])
    const approved = await approvedBy(open('v2'), hanako, asked)
    const [value = assert.fail()] = await client.signHash(approved, signing)
    assert.deepEqual([sent.length, new Set(sent).size], [2, 1])
    const again = await open('v2').signHash(approved, signing, { idempotencyKey: sent[0] ?? '' })
    assert.deepEqual(again, [value])
    // Nothing is left of the approval, for this digest or another.
    for (const hashes of [[hash], [other]]) {
      const refused = open('v2').signHash(approved, requestFor(hanako, hashes).signing)
      await assert.rejects(refused, (error: unknown) => error instanceof CscError && error.status === 400)
    }
  })
})

describe('a document that the service signs', () => {
  const content = documentOfSize('A contract', 3_000_000)
  const wishes = { signature_format: 'P', conformance_level: 'AdES-B-T', signAlgo: ECDSA_SHA256_OID } as const

  async function approvedDocument(client: CscClient): Promise<Token> {
    const hash = digestSync('sha256', content)
    const documentDigests = [{ hash, hashType: 'sodr', label: 'contract.pdf' }] as const
    const { credentialId: credentialID } = hanako
    return await approvedBy(client, hanako, { credentialID, hashAlgorithmOID: SHA256_OID, documentDigests })
  }

  async function levelOf(file: Uint8Array, service: Token, client: CscClient): Promise<string> {
    const { cert } = await client.credentialsInfo(service, { credentialID: hanako.credentialId })
    const trustAnchors = cert.certificates.slice(-1)
    const verdict = await verifyPades(bytesSource(file), { platform, trustAnchors, at: new Date() })
    return `${verdict.indication} ${verdict.facts.level}`
  }

  const asked = () => ({
    credentialID: hanako.credentialId,
    documents: [{ document: new Blob([Uint8Array.from(content)]), ...wishes }],
  })

  it('goes there and comes back in pieces, and is signed once when the answer is lost', async () => {
    const { fetch, sent } = losing('signatures/signDoc')
    const client = open('v2', { fetch })
    const approved = await approvedDocument(open('v2'))
    const pieces: Uint8Array[] = []
    const into = () => new WritableStream<Uint8Array>({ write: piece => void pieces.push(piece) })
    await client.signDoc(approved, asked(), { into })
    assert.deepEqual([sent.length, new Set(sent).size], [2, 1])
    assert.ok(pieces.length > 10)
    const service = await loggedIn(client, hanako)
    assert.equal(await levelOf(Buffer.concat(pieces), service, client), 'TOTAL-PASSED B-T')
    await assert.rejects(client.signDoc(approved, asked()), { name: 'CscError', status: 400 })
  })

  it('is signed later, and fetched when it is done', async () => {
    const client = open('v2')
    const service = await loggedIn(client, hanako)
    const responseID = await client.signDocLater(await approvedDocument(client), {
      ...asked(),
      validityPeriodMs: 60_000,
    })
    const { documents } = await client.finished(service, { responseID })
    assert.equal(await levelOf(documents[0] ?? new Uint8Array(), service, client), 'TOTAL-PASSED B-T')
  })

  it('is stamped, in both editions, with the nonce that was sent', async () => {
    for (const edition of ['v1', 'v2'] as const) {
      const client = open(edition)
      const hash = digestSync('sha256', content)
      const nonce = crypto.getRandomValues(new Uint8Array(16))
      const request = { hash, hashAlgo: SHA256_OID, nonce }
      assert.ok((await client.timestamp(await loggedIn(client, hanako), request)).length > 0)
    }
  })
})

describe('tokens that are bound to a key', () => {
  it('sign for who holds it, and for nobody else', async () => {
    const dpopKey = await newDpopKey()
    const client = open('v2', { dpopKey })
    const [hash = assert.fail()] = newHashes(1)
    const { asked, signing } = requestFor(hanako, [hash])
    const approved = await approvedBy(client, hanako, asked)
    assert.equal(approved.type, 'DPoP')
    const others = [open('v2', { dpopKey: await newDpopKey() }), open('v2')]
    for (const other of others) {
      const stolen = other.signHash({ ...approved, type: other === others[0] ? 'DPoP' : 'Bearer' }, signing)
      await assert.rejects(stolen, { name: 'CscError', status: 401 })
    }
    assert.equal((await client.signHash(approved, signing)).length, 1)
  })
})

describe('an approval without a browser of ours', () => {
  for (const edition of ['v1', 'v2'] as const)
    it(`is by PIN and code, and goes on to another call, in ${edition}`, async () => {
      const taro: CodeSigner = await enrolWithCodes(
        deployment,
        { countryName: 'JP', commonName: `Taro ${edition}` },
        { pin: '830512', classId: CODES.id },
      )
      const client = open(edition)
      const service = await loggedIn(client, taro)
      const { credentialIDs } = await client.credentialsList(service)
      assert.deepEqual(credentialIDs, [taro.credentialId])
      const { auth } = await client.credentialsInfo(service, { credentialID: taro.credentialId })
      assert.equal(auth.mode, 'explicit')
      const [pin = assert.fail(), code = assert.fail()] = auth.objects.map(({ id }) => id)
      const [first = assert.fail(), second = assert.fail()] = newHashes(2)
      const { credentialId: credentialID } = taro
      const given = { credentialID, hashes: [first, second], hashAlgorithmOID: SHA256_OID }
      const wrong = {
        ...given,
        authData: [
          { id: pin, value: '000000' },
          { id: code, value: firstCodeOf(taro) },
        ],
      }
      const codes = ['invalid_pin', 'invalid_otp', 'invalid_authentication_data']
      await assert.rejects(
        client.credentialsAuthorize(service, wrong),
        (error: unknown) => error instanceof CscError && codes.includes(error.code),
      )
      const authData = [
        { id: pin, value: taro.pin },
        { id: code, value: firstCodeOf(taro) },
      ]
      const sad = await client.approved(
        service,
        await client.credentialsAuthorize(service, { ...given, authData }),
      )
      assert.equal((await client.signHash({ service, sad }, requestFor(taro, [first]).signing)).length, 1)
      const extension = { credentialID, sad, hashes: [second], hashAlgorithmOID: SHA256_OID }
      const next = await client.credentialsExtendTransaction(service, extension)
      assert.equal(
        (await client.signHash({ service, sad: next }, requestFor(taro, [second]).signing)).length,
        1,
      )
    })
})

describe('a log-in', () => {
  it('ends by revocation', async () => {
    const client = open('v2')
    const service = await loggedIn(client, hanako)
    assert.equal((await client.credentialsList(service)).credentialIDs.length, 1)
    await client.revoke(service)
    await assert.rejects(client.credentialsList(service), { name: 'CscError', status: 401 })
  })

  it('is known to be of whom it was asked of: the service names itself (RFC 9207)', async () => {
    const client = open('v2', { issuer: deployment.urls.server })
    const { url, pending } = await client.beginServiceAuthorisation()
    const cameBackTo = await logIn(deployment, hanako, url, REDIRECT_URI)
    const silent = new URL(cameBackTo)
    silent.searchParams.delete('iss')
    await assert.rejects(client.finishAuthorisation(pending, silent.href), { code: 'invalid_request' })
    assert.equal((await client.finishAuthorisation(pending, cameBackTo)).type, 'Bearer')
  })
})
