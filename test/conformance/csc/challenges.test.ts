/**
 * What wants an answer of its own: codes that are sent, and seals of software. CSC API v2.0.0.2, 8.3, 8.5, 11.6 and 11.8;
 * v1.0.4.0, 11.8.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { verifyEvidence } from '@natsuin/evidence'
import { fromBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Application,
  approveStatementBytes,
  classOf,
  type Deployment,
  ECDSA_SHA256_OID,
  enrolSealer,
  enrolWithAddress,
  enrolWithCodes,
  newSealKey,
  ORGANISATION,
  openApplication,
  REDIRECT_URI,
  type Sealer,
  SHA256_OID,
  type Signer,
  sealOver,
  startThrowaway,
  testDocuments,
  tokenOf,
} from '@natsuin/testing/deployment'
import { type Mailbox, openMailbox } from '@natsuin/testing/mailbox'

const PIN = '830512'
const SENT = classOf(1, { id: 'sent', approvals: ['pin-sent-code'] })
const APP = classOf(1, { id: 'app', approvals: ['pin-totp'] })
const SEAL = classOf(2, { id: 'seal', approvals: ['seal-key'] })
const SECRET = 'a secret of this application'
const CLIENTS = [
  { id: 'application', name: 'Portal', redirectUris: [REDIRECT_URI] },
  { id: 'other-application', name: 'Another application', redirectUris: [REDIRECT_URI] },
]
const WRONG = {
  error: 'invalid_authentication_data',
  error_description: 'The authentication data is invalid',
}
const invalid = (error_description: string) => ({ error: 'invalid_request', error_description })

/** What the processes logged. */
const lines: string[] = []
let mailbox: Mailbox
let deployment: Deployment
let v1: Application
let v2: Application
before(async () => {
  mailbox = await openMailbox()
  deployment = await startThrowaway(
    {
      classes: [SENT, APP, SEAL],
      clients: [...CLIENTS, { id: 'software', name: 'Software', redirectUris: [] }],
      server: {
        // The software is registered once it is known whom it acts for.
        clients: CLIENTS.map(({ id: client_id, name, redirectUris: redirect_uris }) => ({
          client_id,
          name,
          redirect_uris,
          public: true,
        })),
        codeDelivery: {
          mail: {
            host: '127.0.0.1',
            port: mailbox.port,
            security: 'clear',
            from: 'signing@example.org',
          },
        },
      },
      logLevel: 'debug',
    },
    { onLog: (_name, line) => lines.push(line) },
  )
  v1 = openApplication(deployment, { edition: 'v1' })
  v2 = openApplication(deployment)
})
after(async () => {
  await deployment?.stop()
  await mailbox?.close()
})

const hashesOf = (count: number) => testDocuments(count).map(({ digest }) => digest.hash)

interface Person {
  readonly signer: Signer
  readonly address: string
  readonly token: string
}

async function enrol(name: string): Promise<Person> {
  const address = `${name.toLowerCase()}@example.org`
  const chosen = { pin: PIN, address, classId: SENT.id }
  const signer = await enrolWithAddress(deployment, { commonName: name }, chosen)
  return { signer, address, token: await v2.serviceToken(signer) }
}

/** The code of the newest message. */
function codeSentTo(address: string): string {
  const { body } = mailbox.newestTo(address) ?? assert.fail('nothing was sent')
  return /^(\d{6})\r?\n/.exec(body)?.[1] ?? assert.fail(body)
}

const otherThan = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

const challenge = ({ signer, token }: Person, members: object = {}) =>
  v2.call(
    'credentials/getChallenge',
    { credentialID: signer.credentialId, authObjectID: 'OTP', ...members },
    token,
  )

const authorize = ({ signer, token }: Person, code: string, hashes: readonly string[]) =>
  v2.call(
    'credentials/authorize',
    {
      credentialID: signer.credentialId,
      numSignatures: hashes.length,
      hashes,
      hashAlgorithmOID: SHA256_OID,
      authData: [
        { id: 'PIN', value: PIN },
        { id: 'OTP', value: code },
      ],
    },
    token,
  )

describe('a code that is sent', () => {
  it('A-04: is told of in both editions, asked for with 204, approves once, and the evidence says so', async () => {
    const alice = await enrol('Alice')
    const { credentialId: credentialID } = alice.signer
    const { body: info } = await v2.call('credentials/info', { credentialID, authInfo: true }, alice.token)
    assert.deepEqual((info as { auth: object }).auth, {
      mode: 'explicit',
      expression: 'PIN AND OTP',
      objects: [
        { type: 'Password', id: 'PIN', format: 'N', label: 'Signing PIN' },
        { type: 'ChallengeResponse', id: 'OTP', format: 'N', label: 'Code sent to the signer' },
      ],
    })
    const { body: old } = await v1.call('credentials/info', { credentialID, authInfo: true }, alice.token)
    const { OTP, authMode, SCAL } = old as { OTP: object; authMode: string; SCAL: string }
    assert.deepEqual(OTP, {
      presence: 'true',
      format: 'N',
      label: 'Code sent to the signer',
      type: 'online',
      ID: 'sent',
    })
    assert.deepEqual([authMode, SCAL], ['explicit', '1'])

    const sent = await challenge(alice)
    assert.deepEqual([sent.status, sent.body], [204, undefined])
    const code = codeSentTo(alice.address)
    const { body: mail } = mailbox.newestTo(alice.address) ?? assert.fail()
    for (const said of ['「Portal」', '“Portal”', 'Alice · P-256']) assert.ok(mail.includes(said))
    const hashes = hashesOf(1)
    assert.deepEqual((await authorize(alice, otherThan(code), hashes)).body, WRONG)
    const { status, body } = await authorize(alice, code, hashes)
    assert.equal(status, 200, JSON.stringify(body))
    assert.notEqual((await authorize(alice, code, hashesOf(1))).status, 200, 'once')
    const { SAD } = body as { SAD: string }
    const signing = { credentialID, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    const { body: signed } = await v2.call('signatures/signHash', signing, alice.token)
    const [signature = assert.fail()] = (signed as { signatures: string[] }).signatures
    const response = await fetch(`${deployment.urls.server}/natsuin/v1/evidence`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.token}` },
      body: JSON.stringify({ credentialID, signature }),
    })
    const { evidence } = (await response.json()) as { evidence: object }
    const verdict = await verifyEvidence({
      evidence: utf8(JSON.stringify(evidence)),
      samKeyDigest: deployment.samKeyDigest,
      platform: nodePlatform,
    })
    assert.ok(verdict.valid, JSON.stringify(verdict))
    assert.equal(verdict.facts.approvedWith.kind, 'pin-sent-code')
    assert.equal(verdict.facts.level, 1)
    for (const secret of [PIN, code, alice.address])
      assert.ok(!JSON.stringify(evidence).includes(`"${secret}"`))
  })

  it('A-04: is asked for in v1 by sendOTP, with 204, and given as OTP', async () => {
    const bob = await enrol('Bob')
    const { credentialId: credentialID } = bob.signer
    const sent = await v1.call('credentials/sendOTP', { credentialID }, bob.token)
    assert.deepEqual([sent.status, sent.body], [204, undefined])
    const code = codeSentTo(bob.address)
    const request = { credentialID, numSignatures: 1, hash: hashesOf(1), PIN }
    const wrong = await v1.call('credentials/authorize', { ...request, OTP: otherThan(code) }, bob.token)
    assert.deepEqual(wrong.body, { error: 'invalid_otp', error_description: 'The OTP is invalid' })
    const { status, body } = await v1.call('credentials/authorize', { ...request, OTP: code }, bob.token)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal((await v2.call('credentials/sendOTP', { credentialID }, bob.token)).status, 501)
    assert.equal((await v1.call('credentials/getChallenge', { credentialID }, bob.token)).status, 501)
  })

  it('T-OTP-05: is for the application that asked for it', async () => {
    const carol = await enrol('Carol')
    await challenge(carol)
    const other = openApplication(deployment, { clientId: 'other-application' })
    const elsewhere = { ...carol, token: await other.serviceToken(carol.signer) }
    const code = codeSentTo(carol.address)
    assert.deepEqual((await authorize(elsewhere, code, hashesOf(1))).body, WRONG)
    assert.equal((await authorize(carol, code, hashesOf(1))).status, 200)
  })

  it('T-OTP-07: is sent three times in ten minutes, and then not, in the words of each edition', async () => {
    const dave = await enrol('Dave')
    const { credentialId: credentialID } = dave.signer
    for (let i = 0; i < 3; i++) assert.equal((await challenge(dave)).status, 204)
    const refused = await challenge(dave)
    assert.deepEqual([refused.status, refused.body], [400, invalid('Credential locked')])
    const old = await v1.call('credentials/sendOTP', { credentialID }, dave.token)
    assert.deepEqual([old.status, old.body], [400, invalid('OTP locked')])
    assert.equal(mailbox.mails.filter(({ to }) => to.includes(dave.address)).length, 3)
    assert.equal((await authorize(dave, codeSentTo(dave.address), hashesOf(1))).status, 200)
  })

  it('says that it is locked when it is', async () => {
    const erin = await enrol('Erin')
    await challenge(erin)
    const code = otherThan(codeSentTo(erin.address))
    for (let i = 0; i < 5; i++) assert.deepEqual((await authorize(erin, code, hashesOf(1))).body, WRONG)
    const { credentialId: credentialID } = erin.signer
    assert.deepEqual((await challenge(erin)).body, invalid('Credential locked'))
    assert.deepEqual(
      (await v1.call('credentials/sendOTP', { credentialID }, erin.token)).body,
      invalid('OTP locked'),
    )
  })

  it('is not said to be sent when the mail server does not take it', async () => {
    const frank = await enrol('Frank')
    mailbox.refuseWith('no such mailbox')
    const { status, body } = await challenge(frank)
    assert.equal(status, 503)
    assert.equal((body as { error: string }).error, 'temporarily_unavailable')
    mailbox.refuseWith(undefined)
    assert.equal((await challenge(frank)).status, 204)
  })

  it('T-OTP-08: is in no log, and neither are PIN and address', () => {
    const logged = lines.join('\n')
    assert.ok(logged.includes('code not delivered'))
    for (const { to, body } of mailbox.mails) {
      for (const secret of [...to, body.slice(0, 6)])
        assert.ok(!new RegExp(`\\b${secret}\\b`).test(logged), secret)
    }
    assert.ok(!logged.includes(PIN))
  })
})

describe('the errors of getChallenge and sendOTP', () => {
  it('A-04: are the standard’s: credentials and objects that are not there, and those that take no challenge', async () => {
    const alice = await enrol('Grace')
    const app = await enrolWithCodes(deployment, { commonName: 'Heidi' }, { pin: PIN, classId: APP.id })
    const heidi = { signer: app, address: '', token: await v2.serviceToken(app) }
    const missing = invalid('Missing (or invalid type) string parameter credentialID')
    const unknown = invalid('Invalid parameter credentialID')
    const object = invalid('Invalid parameter authObjectID')
    for (const [person, members, expected] of [
      [alice, { credentialID: undefined }, missing],
      [alice, { credentialID: 'x' }, unknown],
      [alice, { credentialID: app.credentialId }, unknown],
      [alice, { authObjectID: undefined }, object],
      [alice, { authObjectID: 'PIN' }, object],
      [heidi, {}, object],
    ] as const) {
      const { status, body } = await challenge(person, members)
      assert.deepEqual([status, body], [400, expected])
    }
    for (const [credentialID, bearer, expected] of [
      [undefined, alice.token, missing],
      ['x', alice.token, unknown],
      [app.credentialId, alice.token, unknown],
      [app.credentialId, heidi.token, unknown],
    ] as const) {
      const { status, body } = await v1.call('credentials/sendOTP', { credentialID }, bearer)
      assert.deepEqual([status, body], [400, expected])
    }
  })

  it('A-04: are worded as each edition does when the header is malformed', async () => {
    const header = { authorization: 'Foo bar' }
    const old = await v1.call('credentials/sendOTP', {}, undefined, header)
    assert.deepEqual([old.status, old.body], [400, invalid('Malformed authroization header.')])
    const fresh = await v2.call('credentials/getChallenge', {}, undefined, header)
    assert.deepEqual([fresh.status, fresh.body], [400, invalid('Malformed authorization header')])
  })
})

describe('a seal of software', () => {
  let sealer: Sealer
  let software: Application
  let token: string
  before(async () => {
    sealer = await enrolSealer(deployment, ORGANISATION, SEAL.id)
    const clients = join(deployment.directory, 'clients')
    writeFileSync(join(clients, 'software.secret'), SECRET, { mode: 0o600 })
    const registration = {
      client_id: 'software',
      name: 'Software',
      redirect_uris: [],
      secretFile: 'software.secret',
      actsFor: [sealer.signerId],
    }
    writeFileSync(join(clients, 'software.json'), JSON.stringify(registration))
    software = openApplication(deployment, {
      clientId: 'software',
      authenticate: () => ({ client_secret: SECRET }),
    })
    token = tokenOf(await software.form('token', { grant_type: 'client_credentials', scope: 'service' }))
  })

  const asked = () => ({ credentialID: sealer.credentialId, authObjectID: 'SEAL' })

  async function ticket(): Promise<string> {
    const { status, body } = await software.call('credentials/getChallenge', asked(), token)
    assert.equal(status, 200, JSON.stringify(body))
    return (body as { challenge: string }).challenge
  }

  const itemsOf = (hashes: readonly string[]) =>
    hashes.map((hash, i) => ({
      basis: 'unseen' as const,
      label: `Invoice ${i}`,
      dtbsr: fromBase64(hash) ?? assert.fail(),
    }))

  const response = (statement: Uint8Array, key = sealer.sealKey) =>
    `${toBase64url(statement)}.${sealOver(statement, key)}`

  const sealing = (hashes: readonly string[], value: string) =>
    software.call(
      'credentials/authorize',
      {
        credentialID: sealer.credentialId,
        numSignatures: hashes.length,
        hashes,
        hashAlgorithmOID: SHA256_OID,
        authData: [{ id: 'SEAL', value }],
      },
      token,
    )

  it('A-04: is over a challenge that comes with 200, and gives a SAD for what was sealed', async () => {
    const { body: info } = await software.call(
      'credentials/info',
      { credentialID: sealer.credentialId, authInfo: true },
      token,
    )
    const { auth, SCAL } = info as {
      auth: { mode: string; objects: { type: string; id: string }[] }
      SCAL: string
    }
    assert.deepEqual(
      [auth.mode, auth.objects[0]?.type, auth.objects[0]?.id, SCAL],
      ['explicit', 'ChallengeResponse', 'SEAL', '2'],
    )
    const hashes = hashesOf(3)
    const statement = approveStatementBytes(await ticket(), itemsOf(hashes))
    const { status, body } = await sealing(hashes, response(statement))
    assert.equal(status, 200, JSON.stringify(body))
    const { SAD } = body as { SAD: string }
    const signing = { credentialID: sealer.credentialId, SAD, hashes, signAlgo: ECDSA_SHA256_OID }
    const signed = await software.call('signatures/signHash', signing, token)
    assert.equal(signed.status, 200, JSON.stringify(signed.body))
  })

  it('is refused in one word when it is by another key, over other hashes, over a spent challenge, or none', async () => {
    const hashes = hashesOf(1)
    const good = approveStatementBytes(await ticket(), itemsOf(hashes))
    const values = [
      response(good, newSealKey()),
      response(approveStatementBytes(await ticket(), itemsOf(hashesOf(1)))),
      response(utf8('{}')),
      `${toBase64url(good)}.`,
      '',
      'x',
    ]
    for (const value of values) {
      const { status, body } = await sealing(hashes, value)
      assert.deepEqual([status, body], [400, WRONG])
    }
    assert.equal((await sealing(hashes, response(good))).status, 200)
    assert.deepEqual((await sealing(hashes, response(good))).body, WRONG)
  })
})
