import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { utf8 } from '@natsuin/pki/encoding'
import { finishJws, jwsSigningInput } from '@natsuin/protocol/approval'
import { type Connection, PeerFault } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapMethod, SapMethods } from '@natsuin/protocol/sap'
import { locatedSads } from './located-sads.ts'
import { SeveralSams } from './several-sams.ts'

/** A SAM that answers what a case says, and notes what it was asked. */
class ScriptedSam {
  readonly asked: [SapMethod, unknown][] = []
  answer: (method: SapMethod) => unknown = () => ({})
  readonly instance: string

  constructor(instance: string) {
    this.instance = instance
  }

  get connection(): Connection<SapMethods> {
    const call = async (method: SapMethod, request: unknown) => {
      this.asked.push([method, request])
      const answer = this.answer(method)
      return method === 'info' ? { instance: this.instance } : answer
    }
    // A case knows which members it looks at.
    return { call, close: () => {} } as unknown as Connection<SapMethods>
  }

  /** What it was asked but for its name. */
  get methods(): SapMethod[] {
    return this.asked.map(([method]) => method).filter(method => method !== 'info')
  }
}

const isOut = () => {
  throw new PeerFault('the peer did not answer')
}
const failing = (incident: string) => () => {
  throw new PeerFault('the peer answered 500', incident)
}
const refusing = (code: string) => () => {
  throw new Refusal(code)
}

/** A statement with a ticket of this SAM, which nobody verifies here. */
function statementOf(instance: string): Uint8Array {
  const ticket = finishJws(
    jwsSigningInput('natsuin-ticket', {
      v: 1,
      purpose: 'grant',
      nonce: 'A'.repeat(43),
      deployment: 'Tests',
      instance,
      bootId: 'boot',
      issuedAt: 0,
      expiresAt: 300,
      level: 1,
      officer: { id: 'officer', name: 'Officer' },
    }),
    new Uint8Array(64),
  )
  return utf8(JSON.stringify({ ticket }))
}
const assertion = {
  credentialId: new Uint8Array(1),
  clientDataJSON: new Uint8Array(1),
  authenticatorData: new Uint8Array(1),
  signature: new Uint8Array(1),
}
const approveFor = (instance: string) => ({
  statement: statementOf(instance),
  proof: { kind: 'passkey', assertion } as const,
})

describe('several SAMs', () => {
  let one: ScriptedSam
  let other: ScriptedSam
  let sam: Connection<SapMethods>
  beforeEach(() => {
    one = new ScriptedSam('sam-1')
    other = new ScriptedSam('sam-2')
    sam = locatedSads(new SeveralSams([one.connection, other.connection]))
  })
  const askTicket = () => sam.call('tickets/approve', { credentialId: 'c', clientId: 'a' })
  const isRefusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

  it('take turns where any of them can answer', async () => {
    for (let i = 0; i < 4; i += 1) await askTicket()
    assert.deepEqual([one.methods.length, other.methods.length], [2, 2])
  })

  it('get what stands on a ticket where the ticket was issued', async () => {
    await sam.call('approve', approveFor('sam-2'))
    await sam.call('grants/submit', { approvals: [{ statement: statementOf('sam-1'), assertion }] })
    assert.deepEqual([one.methods, other.methods], [['grants/submit'], ['approve']])
  })

  it('get a SAD back where it came from, as it was', async () => {
    other.answer = () => ({ sad: 'the-bearer-value' })
    const { sad } = await sam.call('approve', approveFor('sam-2'))
    assert.equal(sad, 'sam-2.the-bearer-value')
    const rest = { credentialId: 'c', clientId: 'a', dtbsrs: [], requestId: '' }
    const algorithms = { digestAlgorithm: 'sha256', signatureAlgorithm: 'ecdsa-sha256' } as const
    await sam.call('sign', { sad, ...rest, ...algorithms })
    assert.deepEqual(other.asked.at(-1), ['sign', { sad: 'the-bearer-value', ...rest, ...algorithms }])
    assert.deepEqual(one.methods, [])
  })

  it('issue the tickets of a grant at one of them: its officers must not end up at two', async () => {
    for (let i = 0; i < 4; i += 1) await sam.call('tickets/grant', { officerId: 'o' })
    assert.deepEqual([one.methods.length, other.methods.length], [4, 0])
  })

  it('are all asked for a request that only one of them has, or that none has', async () => {
    const askFor = () => sam.call('tickets/administer', { requestId: 'r', personId: 'p' })
    one.answer = refusing('request-unknown')
    other.answer = () => ({ ticket: 'found' })
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await askFor(), { ticket: 'found' })
    other.answer = refusing('request-unknown')
    await assert.rejects(askFor(), isRefusal('request-unknown'))
    other.answer = refusing('person-unknown')
    await assert.rejects(askFor(), Refusal)
  })

  it('are all asked for a key that one of them has for a session, or that none has any more', async () => {
    one.answer = refusing('session-ended')
    other.answer = () => ({ ticket: 'found', allow: [] })
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await askTicket(), { ticket: 'found', allow: [] })
    other.answer = refusing('session-ended')
    await assert.rejects(askTicket(), isRefusal('session-ended'))
  })

  it('are asked in the place of one that does not answer, which then comes last', async () => {
    one.answer = isOut
    for (let i = 0; i < 4; i += 1) await askTicket()
    assert.equal(one.methods.length, 1)
    assert.equal(other.methods.length, 4)
  })

  it('are asked in the place of one that cannot act', async () => {
    one.answer = refusing('log-unavailable')
    for (let i = 0; i < 2; i += 1) await askTicket()
    assert.equal(other.methods.length, 2)
  })

  it('are not asked again what one of them refused, or failed at', async () => {
    for (const answer of [refusing('credential-revoked'), failing('an incident')]) {
      one.answer = other.answer = answer
      one.asked.length = other.asked.length = 0
      await assert.rejects(askTicket())
      assert.equal(one.methods.length + other.methods.length, 1)
    }
  })

  it('repeat what was finished in the place of the one that did it and is gone, and refuse what was not', async () => {
    await sam.call('approve', approveFor('sam-2'))
    other.answer = isOut
    one.answer = refusing('ticket-foreign')
    await assert.rejects(sam.call('approve', approveFor('sam-2')), isRefusal('ticket-foreign'))
    assert.equal(one.methods.length, 1)
  })

  it('are asked for what they have as soon as they answer again', async () => {
    await sam.call('approve', approveFor('sam-2'))
    other.answer = isOut
    one.answer = refusing('ticket-foreign')
    await assert.rejects(sam.call('approve', approveFor('sam-2')))
    other.answer = () => ({ sad: 'the-bearer-value' })
    assert.equal((await sam.call('approve', approveFor('sam-2'))).sad, 'sam-2.the-bearer-value')
  })

  it('do not answer for one that answers that it cannot act', async () => {
    await sam.call('approve', approveFor('sam-2'))
    other.answer = refusing('log-unavailable')
    await assert.rejects(sam.call('approve', approveFor('sam-2')), isRefusal('log-unavailable'))
    assert.deepEqual(one.methods, [])
  })

  it('that are all gone are said to be', async () => {
    one.answer = other.answer = isOut
    await assert.rejects(askTicket(), PeerFault)
  })

  it('judge a statement that cannot be read, as one of them would', async () => {
    one.answer = other.answer = refusing('malformed')
    const unreadable = { ...approveFor('sam-1'), statement: utf8('{') }
    await assert.rejects(sam.call('approve', unreadable), isRefusal('malformed'))
  })
})
