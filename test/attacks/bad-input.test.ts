/**
 * What bad input gets, over public HTTP: whole answers, in the words of CSC and of OAuth, and no signature.
 *
 * The clients, browsers and pages here send what honest ones do not; the server is honest. (Documents that cannot
 * be signed are refused before anything is sent: conformance tests of `pades`.)
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type SeenItem, toWire } from '@natsuin/protocol/approval'
import type { AuthorizationDetail } from '@natsuin/protocol/csc'
import type { Deviations } from '@natsuin/testing/authenticator'
import {
  type Application,
  approveStatementBytes,
  byPasskey,
  detailFor,
  ECDSA_SHA256_OID,
  enrolSigner,
  openApplication,
  openApproval,
  REDIRECT_URI,
  type Signer,
} from '@natsuin/testing/deployment'
import {
  answerTo,
  BRIEF,
  databaseOf,
  flipped,
  openStage,
  reconnected,
  type Stage,
  seenItems,
  withDatabase,
} from './stage.ts'

let stage: Stage
let application: Application
before(async () => {
  stage = await openStage()
  application = openApplication(stage.deployment)
})
after(() => stage.close())

interface Said {
  readonly status: number
  readonly body: unknown
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

function detailOf(signer: Signer, items: readonly SeenItem[]): AuthorizationDetail {
  return detailFor(
    signer.credentialId,
    items.map(({ label, dtbsr, dtbs, documentDigest }) => ({
      dtbsr,
      digest: {
        hash: base64(dtbsr),
        label,
        dtbs: base64(dtbs),
        documentDigest: base64(documentDigest),
      },
    })),
  )
}

/** The signer approved these documents: the credential token, and the request to sign them. */
async function approved(signer: Signer, count = 1) {
  const items = await seenItems(...Array.from({ length: count }, (_, i) => `${i}.pdf`))
  const documents = items.map(({ documentDigest }) => documentDigest)
  const token = await application.credentialToken(signer, detailOf(signer, items), { documents })
  const hashes = items.map(({ dtbsr }) => base64(dtbsr))
  return { token, request: { credentialID: signer.credentialId, hashes, signAlgo: ECDSA_SHA256_OID } }
}

const signHash = (request: object, token: string, headers: Readonly<Record<string, string>> = {}) =>
  application.call('signatures/signHash', request, token, headers)

async function assertSays(
  attempt: () => Promise<Said>,
  status: number,
  error: string,
  error_description: string,
): Promise<void> {
  const before = stage.keyUses()
  const said = await attempt()
  assert.deepEqual({ status: said.status, body: said.body }, { status, body: { error, error_description } })
  assert.deepEqual(stage.keyUses(), before)
}

async function assertSigns(attempt: Promise<Said>, count = 1): Promise<void> {
  const { status, body } = await attempt
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal((body as { signatures: string[] }).signatures.length, count)
}

/** With one row of a database changed; then as it was. */
async function withEditedRow(kind: string, id: string, attempt: () => Promise<void>): Promise<void> {
  const path = databaseOf(stage.deployment, 'sam')
  const row = withDatabase(path, database =>
    database.prepare('SELECT sealed FROM records WHERE kind = ? AND id = ?').get(kind, id),
  )
  const sealed = row?.['sealed']
  assert.ok(sealed instanceof Uint8Array)
  const write = (bytes: Uint8Array) =>
    withDatabase(path, database =>
      database.prepare('UPDATE records SET sealed = ? WHERE kind = ? AND id = ?').run(bytes, kind, id),
    )
  write(flipped(sealed, 20))
  try {
    await attempt()
  } finally {
    write(sealed)
  }
}

describe('signatures/signHash (CSC API v2.0.0.2, 11.10)', () => {
  it('signs when nothing is wrong', async () => {
    const { token, request } = await approved(stage.alice)
    await assertSigns(signHash(request, token))
  })

  const WRONG: readonly (readonly [string, (request: { hashes: string[] }) => object, string])[] = [
    ['an unknown credential', () => ({ credentialID: 'unknown' }), 'Invalid parameter credentialID'],
    [
      'another signer’s credential',
      () => ({ credentialID: stage.mallory.credentialId }),
      'Invalid parameter credentialID',
    ],
    [
      'a hash that is not authorised',
      () => ({ hashes: [base64(new Uint8Array(randomBytes(32)))] }),
      'Hash is not authorized by the SAD',
    ],
    [
      'a digest of the wrong length',
      ({ hashes }) => ({ hashes: hashes.map(hash => base64(Buffer.from(hash, 'base64').subarray(1))) }),
      'Invalid digest value length',
    ],
    [
      'more hashes than were approved',
      ({ hashes }) => ({ hashes: [...hashes, ...hashes] }),
      'Number of signatures is too high',
    ],
    [
      'more hashes than a request may carry',
      ({ hashes }) => ({ hashes: Array.from({ length: 101 }, () => hashes[0]) }),
      'Too many hashes in one request',
    ],
  ]
  for (const [what, change, description] of WRONG) {
    it(`refuses ${what}, and signs what is right afterwards`, async () => {
      const { token, request } = await approved(stage.alice)
      const wrong = { ...request, ...change(request) }
      await assertSays(() => signHash(wrong, token), 400, 'invalid_request', description)
      await assertSigns(signHash(request, token))
    })
  }

  it('refuses a SAD that was spent', async () => {
    const { token, request } = await approved(stage.alice)
    await assertSigns(signHash(request, token))
    const again = () => signHash(request, token)
    await assertSays(again, 400, 'invalid_request', 'Invalid parameter SAD')
  })

  it('refuses a SAD that has expired', async () => {
    const hasty = await enrolSigner(stage.deployment, { commonName: 'Hasty' }, { classId: BRIEF })
    const service = await application.serviceToken(hasty)
    const used = await approved(hasty)
    await assertSigns(signHash({ ...used.request, SAD: used.token }, service))
    const kept = await approved(hasty)
    await setTimeout(10_500)
    const late = () => signHash({ ...kept.request, SAD: kept.token }, service)
    await assertSays(late, 400, 'invalid_request', 'SAD expired')
    const alone = () => signHash(kept.request, kept.token)
    await assertSays(alone, 401, 'expired_token', 'The access token has expired')
  })

  it('answers a replay with the stored signature, and refuses another request under its key', async () => {
    const { token, request } = await approved(stage.alice, 2)
    const [first = '', second = ''] = request.hashes
    const once = { 'idempotency-key': 'one-and-the-same' }
    const answer = await signHash({ ...request, hashes: [first] }, token, once)
    const before = stage.keyUses()
    const replayed = await signHash({ ...request, hashes: [first] }, token, once)
    assert.deepEqual(replayed.body, answer.body)
    assert.deepEqual(stage.keyUses(), before)
    const other = () => signHash({ ...request, hashes: [second] }, token, once)
    await assertSays(other, 400, 'invalid_request', 'Idempotency-Key was used for another request')
    await assertSigns(signHash({ ...request, hashes: [second] }, token))
  })

  it('refuses a credential whose certificate is revoked', async () => {
    const carol = await enrolSigner(stage.deployment, { commonName: 'Carol' })
    const { token, request } = await approved(carol)
    const service = await application.serviceToken(carol)
    const revoked = await fetch(`${stage.deployment.urls.server}/natsuin/v1/credentials/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${service}` },
      body: JSON.stringify({ credentialID: carol.credentialId, reason: 'keyCompromise' }),
    })
    assert.equal(revoked.status, 204)
    const late = () => signHash(request, token)
    await assertSays(late, 400, 'invalid_request', 'Signing certificate is revoked')
  })

  it('refuses a revoked credential also when the server’s row says that it is not', async () => {
    const carol = await enrolSigner(stage.deployment, { commonName: 'Carol' })
    const { token, request } = await approved(carol)
    await stage.sam.call('credentials/revoke', { credentialId: carol.credentialId, reason: 'unspecified' })
    const late = () => signHash(request, token)
    await assertSays(late, 400, 'invalid_request', 'Signing certificate is revoked')
  })

  it('does not repeat a stored answer whose row was edited by hand', async () => {
    const { token, request } = await approved(stage.alice)
    const once = { 'idempotency-key': 'edited' }
    const answer = await signHash(request, token, once)
    const row = withDatabase(databaseOf(stage.deployment, 'server'), database =>
      database.prepare('SELECT activation_id FROM delivered_signatures ORDER BY rowid DESC').get(),
    )
    await withEditedRow('activation', String(row?.['activation_id']), () =>
      assertSays(
        () => signHash(request, token, once),
        503,
        'temporarily_unavailable',
        'Signing is not possible now',
      ),
    )
    assert.deepEqual((await signHash(request, token, once)).body, answer.body)
  })
})

describe('another signer’s credential', () => {
  it('is none to whoever asks for it: to look at, to revoke, or for its evidence', async () => {
    const { token, request } = await approved(stage.alice)
    const { body } = await signHash(request, token)
    const [signature = ''] = (body as { signatures: string[] }).signatures
    const [own, foreign] = [
      await application.serviceToken(stage.alice),
      await application.serviceToken(stage.mallory),
    ]
    const { credentialId: credentialID } = stage.alice
    const unknown = ['invalid_request', 'Invalid parameter credentialID'] as const
    const asks = (path: string, asked: object, bearer: string) => () => postJson(path, asked, bearer)
    for (const [path, asked] of [
      ['csc/v2/credentials/info', { credentialID }],
      ['natsuin/v1/evidence', { credentialID, signature }],
      ['natsuin/v1/credentials/revoke', { credentialID, reason: 'unspecified' }],
    ] as const) {
      await assertSays(asks(path, asked, foreign), 400, ...unknown)
    }
    assert.equal((await asks('csc/v2/credentials/info', { credentialID }, own)()).status, 200)
    assert.equal((await asks('natsuin/v1/evidence', { credentialID, signature }, own)()).status, 200)
  })

  it('is not asked of Alice where Mallory is logged in', async () => {
    const detail = detailOf(stage.alice, await seenItems('contract.pdf'))
    const { mallory } = stage
    await application.serviceToken(mallory)
    assert.deepEqual(await redirected(detail, mallory), {
      error: 'access_denied',
      error_description: 'Another signer is logged in here',
    })
  })
})

async function postJson(path: string, body: object, token: string): Promise<Said> {
  const response = await fetch(`${stage.deployment.urls.server}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

/** What the authorization server answers, at the redirect URI, to a request for signatures. */
async function redirected(detail: unknown, signer = stage.alice): Promise<Record<string, string>> {
  const request = application.begin({ authorization_details: JSON.stringify([detail]) })
  const { origin } = new URL(stage.deployment.urls.approval)
  const url = await signer.browser.visit(await application.push(request), [REDIRECT_URI, origin])
  const { state: _, iss: __, ...answer } = Object.fromEntries(new URL(url).searchParams)
  return answer
}

describe('a request for signatures (CSC API v2.0.0.2, 8.4.2; RFC 6749, 4.1.2.1)', () => {
  const pushed = async (detail: unknown) => {
    const { parameters } = application.begin({ authorization_details: JSON.stringify([detail]) })
    return application.form('pushed_authorize', Object.fromEntries(parameters))
  }

  it('goes to the approval page when nothing is wrong', async () => {
    assert.deepEqual(await redirected(detailOf(stage.alice, await seenItems('contract.pdf'))), {})
  })

  it('for an unknown credential comes back refused', async () => {
    const detail = { ...detailOf(stage.alice, await seenItems('contract.pdf')), credentialID: 'unknown' }
    assert.deepEqual(await redirected(detail), {
      error: 'invalid_request',
      error_description: 'Invalid parameter credentialID',
    })
  })

  it('for a revoked credential comes back refused', async () => {
    const carol = await enrolSigner(stage.deployment, { commonName: 'Carol' })
    await stage.sam.call('credentials/revoke', { credentialId: carol.credentialId, reason: 'unspecified' })
    assert.deepEqual(await redirected(detailOf(carol, await seenItems('contract.pdf')), carol), {
      error: 'invalid_request',
      error_description: 'Invalid parameter credentialID',
    })
  })

  it('for a credential whose row was edited by hand comes back refused', async () => {
    const detail = detailOf(stage.alice, await seenItems('contract.pdf'))
    await withEditedRow('credential', stage.alice.credentialId, async () => {
      assert.deepEqual(await redirected(detail), {
        error: 'temporarily_unavailable',
        error_description: 'Signing is not possible now',
      })
    })
    assert.deepEqual(await redirected(detail), {})
  })

  it('with a digest of the wrong length is refused where it is pushed', async () => {
    const detail = detailOf(stage.alice, await seenItems('contract.pdf'))
    const [document] = detail.documentDigests
    assert.ok(document)
    const short = { ...document, hash: base64(new Uint8Array(20)) }
    const { status, body } = await pushed({ ...detail, documentDigests: [short] })
    assert.equal(status, 400)
    assert.deepEqual(body, {
      error: 'invalid_authorization_details',
      error_description: 'authorization_details: documentDigests[0].hash: expected 32 bytes',
    })
    assert.equal((await pushed(detail)).status, 201)
  })
})

/** The signer has the approval in front of him. */
async function opened(signer: Signer, items: readonly SeenItem[], app = application) {
  const request = app.begin({ authorization_details: JSON.stringify([detailOf(signer, items)]) })
  const shown = await openApproval(stage.deployment, signer, await app.push(request))
  return { shown, statement: approveStatementBytes(shown.ticketText, items) }
}

async function post(handle: string, answered: ReturnType<typeof answerTo>): Promise<Said> {
  const response = await fetch(`${stage.deployment.urls.server}/approvals/${handle}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: stage.deployment.urls.approval },
    body: JSON.stringify(toWire(byPasskey(answered))),
  })
  return { status: response.status, body: await response.json() }
}

const words = (code: string) => code.replaceAll('-', ' ')

describe('an approval', () => {
  const DEVIATIONS: readonly (readonly [string, Deviations & { origin?: string }, number, string])[] = [
    ['from another origin', { origin: 'http://evil.example' }, 400, 'origin-mismatch'],
    ['in a frame', { crossOrigin: true }, 400, 'cross-origin'],
    ['without user verification', { flags: { userVerified: false } }, 403, 'user-not-verified'],
    ['for another RP ID', { hashedRpId: 'localhost' }, 400, 'rp-mismatch'],
    ['that is a registration', { type: 'webauthn.create' }, 400, 'ceremony-type'],
  ]
  for (const [what, { origin, ...deviations }, status, code] of DEVIATIONS) {
    it(`${what} is refused, and an honest one accepted afterwards`, async () => {
      const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
      const wrong = answerTo(stage, stage.alice, statement, { deviations, ...(origin && { origin }) })
      await assertSays(() => post(shown.handle, wrong), status, code, words(code))
      assert.equal((await post(shown.handle, answerTo(stage, stage.alice, statement))).status, 200)
    })
  }

  it('by a copied authenticator is refused', async () => {
    const erin = await enrolSigner(stage.deployment, { commonName: 'Erin', countryName: 'JP' })
    const answers = async (deviations: Deviations = {}) => {
      const { shown, statement } = await opened(erin, await seenItems('contract.pdf'))
      return post(shown.handle, answerTo(stage, erin, statement, { deviations }))
    }
    assert.equal((await answers()).status, 200)
    const code = 'counter-regression'
    await assertSays(() => answers({ counter: 0 }), 400, code, words(code))
  })

  it('with a tampered assertion is refused', async () => {
    const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    const good = answerTo(stage, stage.alice, statement)
    const { signature } = good.assertion
    const tampered = { ...good, assertion: { ...good.assertion, signature: flipped(signature) } }
    const code = 'assertion-invalid'
    await assertSays(() => post(shown.handle, tampered), 400, code, words(code))
    assert.equal((await post(shown.handle, good)).status, 200)
  })

  it('of something else than was asked for is refused', async () => {
    const { shown } = await opened(stage.alice, await seenItems('contract.pdf'))
    const statement = approveStatementBytes(shown.ticketText, await seenItems('other.pdf'))
    const code = 'approval-differs'
    await assertSays(
      () => post(shown.handle, answerTo(stage, stage.alice, statement)),
      400,
      code,
      words(code),
    )
  })

  it('by another signer’s passkey is refused', async () => {
    const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    const code = 'authenticator-unknown'
    await assertSays(
      () => post(shown.handle, answerTo(stage, stage.mallory, statement)),
      400,
      code,
      words(code),
    )
    assert.equal((await post(shown.handle, answerTo(stage, stage.alice, statement))).status, 200)
  })

  it('sent again is refused', async () => {
    const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    const good = answerTo(stage, stage.alice, statement)
    assert.equal((await post(shown.handle, good)).status, 200)
    await assertSays(() => post(shown.handle, good), 409, 'approval-closed', 'approval closed')
  })

  it('of more documents than the class allows is refused', async () => {
    const items = await seenItems(...Array.from({ length: 101 }, (_, i) => `${i}.pdf`))
    const { shown, statement } = await opened(stage.alice, items)
    const code = 'multisign-exceeded'
    await assertSays(
      () => post(shown.handle, answerTo(stage, stage.alice, statement)),
      400,
      code,
      words(code),
    )
  })

  it('while the credential’s row is edited by hand is refused', async () => {
    const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    const good = answerTo(stage, stage.alice, statement)
    await withEditedRow('credential', stage.alice.credentialId, () =>
      assertSays(() => post(shown.handle, good), 503, 'record-altered', 'record altered'),
    )
    assert.equal((await post(shown.handle, good)).status, 200)
  })

  it('of a handle that nobody gave out is refused', async () => {
    const { statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    const good = answerTo(stage, stage.alice, statement)
    await assertSays(() => post('unknown', good), 404, 'approval-unknown', 'approval unknown')
  })

  it('under a ticket of another SAM process is refused', async () => {
    const { shown, statement } = await opened(stage.alice, await seenItems('contract.pdf'))
    stage = await reconnected(stage)
    const late = () => post(shown.handle, answerTo(stage, stage.alice, statement))
    await assertSays(late, 400, 'ticket-foreign', 'ticket foreign')
    const { token, request } = await approved(stage.alice)
    await assertSigns(signHash(request, token))
  })
})
