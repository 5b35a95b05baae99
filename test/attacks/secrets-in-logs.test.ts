/**
 * No secret in any log, at the level that says most, none in metrics, and none in clear in a database (T-SEC-01,
 * T-SAD-19, T-OA-12).
 *
 * A whole life is led while somebody listens everywhere: on every request of browsers and applications, and on the
 * wire between server and SAM. What was overheard there is then looked for in every line of the four processes, and in
 * all that they say of their health.
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { toBase64, toBase64url, toHex } from '@natsuin/pki/encoding'
import {
  acceptInvitation,
  askHealth,
  type Deployment,
  detailFor,
  ECDSA_SHA256_OID,
  type Invitation,
  invite,
  type Member,
  openApplication,
} from '@natsuin/testing/deployment'
import { openStage, type Stage, seenItems } from './stage.ts'

const LABEL = 'Canary agreement 5f3c.pdf'

interface Line {
  readonly name: Member
  readonly text: string
}

const lines: Line[] = []
/** What was overheard, and what it is. */
const secrets = new Map<string, string>()
/** What each process said of its health and counted, while all of them ran. */
const health = new Map<string, string>()
/** The files of the databases, as they were at the end. */
const stored = new Map<'sam' | 'server' | 'authorities', Buffer>()

let stage: Stage
let wiretap: Server
const tapped: Socket[] = []
const honestFetch = globalThis.fetch

before(async () => {
  stage = await openStage({ logLevel: 'debug' }, (name, text) => lines.push({ name, text }))
  wiretap = await listenBetween(stage.deployment)
  globalThis.fetch = overheard
  try {
    await liveALife(stage.deployment)
    for (const name of ['sam', 'server', 'authorities'] as const) stored.set(name, filesOf(name))
  } finally {
    globalThis.fetch = honestFetch
    wiretap.close()
    for (const socket of tapped) socket.destroy()
    await stage.close()
  }
})

/** Takes the place of the SAM's socket and passes everything on. */
async function listenBetween(deployment: Deployment): Promise<Server> {
  const [door, behind] = [
    join(deployment.directory, 'sam.sock'),
    join(deployment.directory, 'sam-behind.sock'),
  ]
  renameSync(door, behind)
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = createServer(asking => {
    const answering = connect(behind)
    tapped.push(asking, answering)
    pass(asking, answering)
    pass(answering, asking)
  })
  server.listen(door, resolve)
  await promise
  await deployment.process('server').stop()
  await deployment.restart('server')
  return server
}

function pass(from: Socket, to: Socket): void {
  let heard = ''
  from.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
    takeMembers(heard)
    to.write(chunk)
  })
  from.on('end', () => to.end())
  from.on('error', () => to.destroy())
}

/** Members of messages whose values are secret, or would tell what was signed. */
const SECRET_MEMBERS = [
  'sad',
  'SAD',
  'ticket',
  'nonce',
  'access_token',
  'refresh_token',
  'code',
  'code_verifier',
  'request_uri',
  'statement',
  'signature',
  'clientDataJSON',
  'authenticatorData',
  'attestationObject',
  'enrolmentSignature',
  'keyAttestation',
  'challenge',
  'token',
  'dtbs',
  'documentDigest',
]

function takeMembers(text: string): void {
  for (const name of SECRET_MEMBERS) {
    for (const [, value = ''] of text.matchAll(new RegExp(`"${name}":"([^"\\\\]{16,})"`, 'g'))) {
      secrets.set(value, name)
      if (name === 'ticket') takeNonce(value)
    }
  }
}

/** Parameters and fragments of URLs that whoever knows them could use. */
const SECRET_PARAMETERS = ['code', 'finish', 'approve', 'token', 'code_verifier', 'request_uri', 'state']

function takeParameters(parameters: URLSearchParams): void {
  for (const name of SECRET_PARAMETERS) {
    const value = parameters.get(name)
    if (value !== null && value.length >= 8) secrets.set(value, name)
  }
}

function takeUrl(text: string): void {
  if (!URL.canParse(text)) return
  const { searchParams, hash } = new URL(text)
  takeParameters(searchParams)
  takeParameters(new URLSearchParams(hash.slice(1)))
}

/** `fetch`, and everything that it carried in both directions. */
async function overheard(...given: Parameters<typeof fetch>): ReturnType<typeof fetch> {
  const [url, init = {}] = given
  takeUrl(String(url))
  if (typeof init.body === 'string') {
    takeMembers(init.body)
    takeParameters(new URLSearchParams(init.body))
  }
  const response = await honestFetch(...given)
  takeUrl(new URL(response.headers.get('location') ?? '', String(url)).href)
  for (const cookie of response.headers.getSetCookie()) {
    const [, value = ''] = /^[^=]+=([^;]{16,})/.exec(cookie) ?? []
    if (value !== '') secrets.set(value, 'cookie')
  }
  const text = await response.clone().text()
  takeMembers(text)
  for (const [, next = ''] of text.matchAll(/"continue":"([^"]+)"/g)) takeUrl(next)
  return response
}

/** Enrols, logs in, signs, is refused, and meets an outage. */
async function liveALife(deployment: Deployment): Promise<void> {
  const invitation = await invite(deployment, { commonName: 'Canary Person' })
  takeEnrolmentKey(invitation)
  takeModuleKeys(deployment)
  const signer = await acceptInvitation(deployment, invitation, 'Canary Person')
  const application = openApplication(deployment)
  const service = await application.serviceToken(signer)
  const items = await seenItems(LABEL, 'Another canary 77aa.pdf')
  for (const { label, dtbs, dtbsr } of items) {
    secrets.set(label, 'label')
    secrets.set(toBase64(dtbs), 'signed attributes')
    secrets.set(toBase64(dtbsr), 'representation')
  }
  const encoded = items.map(({ label, dtbsr, dtbs, documentDigest }) => ({
    dtbsr,
    digest: { hash: toBase64(dtbsr), label, dtbs: toBase64(dtbs), documentDigest: toBase64(documentDigest) },
  }))
  const documents = items.map(({ documentDigest }) => documentDigest)
  const detail = detailFor(signer.credentialId, encoded)
  const token = await application.credentialToken(signer, detail, { documents })
  const [first, second] = encoded.map(({ digest }) => digest.hash)
  const body = { credentialID: signer.credentialId, hashes: [first], signAlgo: ECDSA_SHA256_OID }
  const sign = (members: object, bearer = token) =>
    application.call('signatures/signHash', { ...body, ...members }, bearer)
  assert.equal((await sign({})).status, 200)
  // Refusals of every edge, with something to leak in each.
  await sign({})
  await sign({ SAD: token, hashes: [second, second] }, service)
  await sign({ SAD: 'canary-of-a-wrong-sad' }, service)
  await sign({}, 'canary-of-a-wrong-token')
  await application.call('signatures/signHash', '{"SAD":"canary-of-broken-json', token)
  await application.call(
    'credentials/info',
    { credentialID: 'x', clientData: 'canary-of-client-data' },
    service,
  )
  await application.form('token', {
    grant_type: 'authorization_code',
    code: 'canary-of-a-wrong-code',
    code_verifier: 'canary-of-a-verifier',
  })
  await application.form('pushed_authorize', { authorization_details: '[{"canary-of-details":1}]' })
  await fetch(`${deployment.urls.server}/approvals/canary-of-a-handle`)
  await fetch(
    `${deployment.urls.server}/oauth2/authorize?request_uri=canary-of-a-request-uri&client_id=application`,
  )
  // By address: only browsers know where names under localhost are.
  await fetch(`http://127.0.0.1:${deployment.plan.ports.approval}/canary-of-a-path?code=canary-of-a-query`)
  await refusedApproval(deployment)
  await takeHealth(deployment)
  // An outage: whoever asks is refused, and the log has the reason.
  await deployment.process('sam').kill()
  assert.ok((await sign({ hashes: [second] })).status >= 500)
  for (const canary of CANARIES) secrets.set(canary, 'canary')
}

async function takeHealth({ directory }: Deployment): Promise<void> {
  for (const name of ['sam', 'authorities', 'server', 'sic'] as const) {
    for (const path of ['/healthz', '/readyz', '/metrics'] as const) {
      const { status, body } = await askHealth(directory, name, path)
      assert.equal(status, 200)
      health.set(`${name}${path}`, body)
    }
  }
}

const CANARIES = [
  'canary-of-a-wrong-sad',
  'canary-of-a-wrong-token',
  'canary-of-broken-json',
  'canary-of-client-data',
  'canary-of-a-wrong-code',
  'canary-of-a-verifier',
  'canary-of-details',
  'canary-of-a-handle',
  'canary-of-a-request-uri',
  'canary-of-a-query',
]

function takeEnrolmentKey({ enrolmentKey }: Invitation): void {
  secrets.set(enrolmentKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'), 'enrolment key')
  secrets.set(String(enrolmentKey.export({ format: 'jwk' }).d), 'enrolment key')
}

/** Keys of the software module, and the secret that the SAM derives its seals from. */
function takeModuleKeys({ directory }: Deployment): void {
  for (const owner of ['sam', 'authorities']) {
    const folder = join(directory, owner, 'keys')
    for (const file of readdirSync(folder).filter(name => name.endsWith('.key'))) {
      const { secret, kind } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, string>
      assert.ok(secret !== undefined && kind !== undefined)
      secrets.set(secret, `${kind} key`)
      if (kind !== 'mac') continue
      const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update('natsuin-sam-seal-v1').digest()
      secrets.set(toBase64url(mac), 'seal')
    }
  }
}

/** A ticket's nonce, which nobody else needs to know. */
function takeNonce(ticket: string): void {
  const [, payload = ''] = ticket.split('.')
  takeMembers(Buffer.from(payload, 'base64url').toString('utf8'))
}

/** A tampered answer of the page, which server and SAM refuse. */
async function refusedApproval({ urls }: Deployment): Promise<void> {
  const proof = {
    kind: 'passkey',
    assertion: {
      credentialId: 'AAAA',
      clientDataJSON: 'e30',
      authenticatorData: 'A'.repeat(64),
      signature: 'AAAA',
    },
  }
  await fetch(`${urls.server}/approvals/AAAAAAAAAAAAAAAAAAAAAA`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ statement: toBase64url(new TextEncoder().encode(LABEL)), proof }),
  })
}

function filesOf(name: 'sam' | 'server' | 'authorities'): Buffer {
  const folder = join(stage.deployment.directory, name)
  const files = readdirSync(folder).filter(file => file.startsWith(`${name}.db`))
  assert.ok(files.length > 0)
  return Buffer.concat(files.map(file => readFileSync(join(folder, file))))
}

/** A secret in the spellings in which it might be written down. */
function spellings(secret: string): string[] {
  const bytes = new Uint8Array(Buffer.from(secret))
  const decoded = new Uint8Array(Buffer.from(secret, 'base64url'))
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    toBase64(bytes).replace(/=+$/, ''),
    toHex(bytes),
    ...(/^[\w-]{22,}$/.test(secret) ? [toHex(decoded), toBase64(decoded), toBase64url(decoded)] : []),
  ]
}

/** Which of the secrets stand in the text. */
function found(text: string, searched: ReadonlyMap<string, string> = secrets): string[] {
  return [...searched]
    .filter(([secret]) => spellings(secret).some(one => text.includes(one)))
    .map(([, what]) => what)
}

describe('the listening', () => {
  it('overheard every kind of secret, each long enough to be looked for', () => {
    const kinds = new Set(secrets.values())
    const needed = [
      'sad',
      'ticket',
      'access_token',
      'code',
      'request_uri',
      'finish',
      'approve',
      'cookie',
      'token',
    ]
    const alsoNeeded = [
      'signature',
      'statement',
      'enrolment key',
      'label',
      'code_verifier',
      'challenge',
      'canary',
    ]
    for (const kind of [...needed, ...alsoNeeded, 'signing key', 'seal', 'canary'])
      assert.ok(kinds.has(kind), kind)
    for (const [secret, what] of secrets) assert.ok(secret.length >= 8, what)
  })

  it('heard the processes log', () => {
    for (const name of ['server', 'authorities'] as const) {
      assert.ok(
        lines.some(line => line.name === name),
        name,
      )
    }
    assert.ok(
      lines.some(({ text }) => text.includes('peer-unavailable')),
      'the outage is in the log',
    )
  })

  it('would find each of them, however it was written', () => {
    for (const [secret, what] of secrets) {
      for (const written of spellings(secret)) {
        assert.deepEqual(found(`{"msg":"x ${written} y"}`, new Map([[secret, what]])), [what])
      }
    }
  })
})

describe('no secret', () => {
  it('is in any line that any process logged (T-SEC-01)', () => {
    for (const { name, text } of lines) assert.deepEqual(found(text), [], `${name}: ${text}`)
  })

  it('is in what any process says of its health or counts, nor who signs (T-SEC-01)', () => {
    const searched = new Map([...secrets, ['Canary Person', 'signer']])
    for (const [asked, body] of health) assert.deepEqual(found(body, searched), [], asked)
  })

  it('could hide in a label of a metric: each is short, and of few letters (T-SEC-01)', () => {
    const labels = [...health.values()].flatMap(body => [...body.matchAll(/\w="([^"]*)"/g)])
    assert.ok(labels.length > 50)
    for (const [, value = ''] of labels) assert.match(value, /^[A-Za-z0-9_./:*+-]{0,48}$/)
  })

  it('that could be used is in the server’s database in clear (T-SAD-19)', () => {
    // What the page must be given is there, and useless without the passkey: tickets, signed attributes, labels.
    const usable = [
      'sad',
      'SAD',
      'access_token',
      'code',
      'request_uri',
      'finish',
      'approve',
      'token',
      'enrolment key',
    ]
    const searched = new Map([...secrets].filter(([, what]) => usable.includes(what)))
    assert.ok(searched.size >= usable.length - 1)
    assert.deepEqual(found(stored.get('server')?.toString('latin1') ?? '', searched), [])
  })

  it('and nothing of what was approved is in the SAM’s database in clear, nor in the authorities’', () => {
    const searched = new Map([...secrets].filter(([, what]) => what !== 'representation' && what !== 'state'))
    for (const name of ['sam', 'authorities'] as const) {
      const text = stored.get(name)?.toString('latin1') ?? ''
      assert.ok(text.length > 10_000)
      assert.deepEqual(found(text, searched), [], name)
    }
  })
})
