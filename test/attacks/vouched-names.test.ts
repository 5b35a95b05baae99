/**
 * Names that the application vouches for, on their way through a server that is not honest (T-SAD-23; sole-control 4).
 *
 * The attacker has `server`: he may exchange what the page is told, what it answers, and the request object that the
 * application signed; he may even have a page that lies, and Alice's passkey over it. He has no key of the application.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { toBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import type { RepresentationItem } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRefusal } from '@natsuin/protocol/sap'
import {
  approveStatementBytes,
  byPasskey,
  classOf,
  createRequestKey,
  detailFor,
  REDIRECT_URI,
  requestClaims,
  signRequestObject,
} from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import {
  answerTo,
  assertRefused,
  CLIENT,
  OTHER_CLIENT,
  openStage,
  type Stage,
  seenItems,
  ticketFor,
  useOf,
} from './stage.ts'

const key = createRequestKey('application-1')
const otherKey = createRequestKey('other-1')

let stage: Stage
before(async () => {
  const clientOf = (id: string, { kid, publicKey }: typeof key) => ({
    id,
    name: id,
    redirectUris: [REDIRECT_URI],
    keys: [{ kid, publicKey: toBase64url(publicKey) }],
  })
  stage = await openStage({
    classes: [classOf(3)],
    clients: [clientOf(CLIENT, key), clientOf(OTHER_CLIENT, otherKey)],
  })
})
after(() => stage.close())

interface Request {
  /** As an honest page approves them: the first was seen, the others are vouched for. */
  readonly items: readonly RepresentationItem[]
  readonly requestObject: string
}

async function request(
  labels = ['contract.pdf', 'annex.pdf'],
  signer = key,
  clientId = CLIENT,
): Promise<Request> {
  const documents = await seenItems(...labels)
  const digests = documents.map(({ label, dtbsr, dtbs, documentDigest }) => ({
    digest: {
      label,
      hash: toBase64(dtbsr),
      dtbs: toBase64(dtbs),
      documentDigest: toBase64(documentDigest),
    },
  }))
  const detail = detailFor(stage.alice.credentialId, digests)
  const claims = requestClaims({ clientId, issuer: stage.deployment.urls.server, detail })
  const items = documents.map((item, i): RepresentationItem => {
    const { label, dtbsr } = item
    return i === 0 ? item : { basis: 'vouched', label, dtbsr }
  })
  return { items, requestObject: signRequestObject(signer, claims) }
}

async function statementOf({ items, requestObject }: Request, clientId = CLIENT): Promise<Uint8Array> {
  const { ticket } = await ticketFor(stage, stage.alice, clientId)
  return approveStatementBytes(ticket, items, { requestObject })
}

const approveAs = (statement: Uint8Array) =>
  stage.sam.call('approve', byPasskey(answerTo(stage, stage.alice, statement)))

describe('what Alice approved', () => {
  it('is refused with any one field of it changed afterwards (property; T-SAD-23, T-WA-05)', async () => {
    const honest = await statementOf(await request())
    const { assertion } = answerTo(stage, stage.alice, honest)
    const parsed: unknown = JSON.parse(new TextDecoder().decode(honest))
    const before = stage.keyUses()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...leavesOf(parsed)), fc.nat(), async (path, where) => {
        const statement = utf8(JSON.stringify(changed(parsed, path, where)))
        const attempt = stage.sam.call('approve', byPasskey({ statement, assertion }))
        assert.equal(await codeOf(attempt), 'challenge-mismatch', path.join('.'))
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
    assert.deepEqual(stage.keyUses(), before)
    await stage.sam.call('approve', byPasskey({ statement: honest, assertion }))
  })
})

describe('a page that lies', () => {
  it('gets nothing approved as vouched for that the application did not sign (property; T-SAD-23)', async () => {
    const fields = ['label', 'dtbsr', 'basis', 'requestObject', 'order', 'less', 'more'] as const
    const before = stage.keyUses()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.nat(), async (field, where) => {
        const lie = await lieAbout(await request(['a.pdf', 'b.pdf', 'c.pdf']), field, where)
        const refused: readonly string[] = REFUSED[field]
        const code = await codeOf(approveAs(await statementOf(lie)))
        assert.ok(refused.includes(code), `${field} at ${where}: ${code}`)
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
    assert.deepEqual(stage.keyUses(), before)
    await approveAs(await statementOf(await request()))
  })

  type Field = keyof typeof REFUSED
  const REFUSED = {
    label: ['request-object-differs'],
    dtbsr: ['request-object-differs'],
    // Level 3 refuses what is said to be unseen before anything else about it is looked at.
    basis: ['basis-refused'],
    requestObject: ['request-object-invalid', 'malformed'],
    order: ['request-object-differs'],
    less: ['request-object-differs'],
    more: ['request-object-differs'],
  } as const satisfies Readonly<Record<string, readonly (SapRefusal | 'malformed')[]>>

  async function lieAbout({ items, requestObject }: Request, field: Field, where: number): Promise<Request> {
    const [first, second, third] = items
    assert.ok(first && second && third)
    const [other] = (await request(['x.pdf', 'y.pdf'])).items.slice(1)
    assert.ok(other)
    const lies: Readonly<Record<Field, () => Request>> = {
      label: () => ({
        items: [first, { ...second, label: `${second.label}${where}` }, third],
        requestObject,
      }),
      dtbsr: () => ({
        items: [first, { ...second, dtbsr: flip(second.dtbsr, where) }, third],
        requestObject,
      }),
      basis: () => ({ items: [first, unseen(second), third], requestObject }),
      requestObject: () => ({ items, requestObject: flipText(requestObject, where) }),
      order: () => ({ items: [first, third, second], requestObject }),
      less: () => ({ items: items.toSpliced(where % 3, 1), requestObject }),
      more: () => ({ items: [...items, other], requestObject }),
    }
    return lies[field]()
  }

  const unseen = ({ label, dtbsr }: RepresentationItem): RepresentationItem => ({
    basis: 'unseen',
    label,
    dtbsr,
  })
})

describe('a request object', () => {
  it('of one application vouches for nothing in the name of another', async () => {
    const foreign = await request(['contract.pdf'], otherKey, OTHER_CLIENT)
    await assertRefused(stage, 'request-object-invalid', async () => approveAs(await statementOf(foreign)))
    await approveAs(await statementOf(foreign, OTHER_CLIENT))
  })

  it('that the server wrote itself, for the client that it likes, vouches for nothing', async () => {
    const forged = await request(['contract.pdf'], createRequestKey(key.kid))
    await assertRefused(stage, 'request-object-invalid', async () => approveAs(await statementOf(forged)))
    await approveAs(await statementOf(await request(['contract.pdf'])))
  })

  it('is approved once, however often the server shows it', async () => {
    const again = await request()
    const sad = await approveAs(await statementOf(again))
    await assertRefused(stage, 'request-object-spent', async () => approveAs(await statementOf(again)))
    const { signatures } = await stage.sam.call('sign', useOf(sad, again.items))
    assert.equal(signatures.length, 2)
  })

  it('that was left out leaves nothing vouched for', async () => {
    const { items } = await request()
    const { ticket } = await ticketFor(stage, stage.alice)
    const statement = approveStatementBytes(ticket, items)
    await assertRefused(stage, 'request-object-missing', () => approveAs(statement))
    await approveAs(await statementOf(await request()))
  })
})

/** The code of the refusal, or what came instead. */
async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt
    return 'done'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

type Path = readonly (string | number)[]

/** Every text and number in it, by its path. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(name) : name]),
  )
}

/** A copy in which this one leaf is another. */
function changed(value: unknown, [step, ...rest]: Path, where: number): unknown {
  if (step === undefined)
    return typeof value === 'number' ? value + 1 + (where % 9) : flipText(String(value), where)
  if (Array.isArray(value)) return value.map((one, i) => (i === step ? changed(one, rest, where) : one))
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, one]) => [name, name === step ? changed(one, rest, where) : one]),
  )
}

function flipText(text: string, where: number): string {
  const at = where % text.length
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

function flip(bytes: Uint8Array, where: number): Uint8Array {
  return bytes.with(where % bytes.length, (bytes[where % bytes.length] ?? 0) ^ (1 << (where % 8)))
}
