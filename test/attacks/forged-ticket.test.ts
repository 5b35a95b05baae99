/** A ticket that is forged, altered, borrowed, old or already used begins nothing (T-SAD-18, T-SAD-34, T-WA-04). */
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fromBase64url, toBase64url } from '@natsuin/pki/encoding'
import { finishJws, jwsSigningInput } from '@natsuin/protocol/approval'
import { approveStatementBytes, byPasskey, enrolSigner } from '@natsuin/testing/deployment'
import {
  answerTo,
  approval,
  approved,
  assertRefused,
  BRIEF,
  CLIENT,
  OTHER_CLIENT,
  openStage,
  reconnected,
  type Stage,
  seenItems,
  signs,
  ticketFor,
  useOf,
} from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const { privateKey: foreignKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function signedBy(key: KeyObject, signingInput: string): string {
  const signature = sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' })
  return finishJws(signingInput, new Uint8Array(signature))
}

function payloadOf(ticket: string): Record<string, unknown> {
  const [, payload = ''] = ticket.split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>
}

/** The ticket with these members, and everything else of it, the signature included, as it was. */
function altered(ticket: string, changes: Readonly<Record<string, unknown>>): string {
  const [head, , signature] = ticket.split('.')
  const payload = JSON.stringify({ ...payloadOf(ticket), ...changes })
  return `${head}.${Buffer.from(payload).toString('base64url')}.${signature}`
}

/** Alice’s passkey answers whatever is put in front of it: what remains is the SAM. */
async function submit(ticket: string, signer = stage.alice) {
  return stage.sam.call(
    'approve',
    byPasskey(await approval(stage, signer, await seenItems('contract.pdf'), { ticket })),
  )
}

describe('a ticket', () => {
  it('begins an approval, when it is the SAM’s own', () => signs(stage, stage.alice))

  it('is refused when another key signed it', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const forged = signedBy(foreignKey, jwsSigningInput('natsuin-ticket', payloadOf(ticket)))
    await assertRefused(stage, 'ticket-invalid', () => submit(forged))
    await submit(ticket)
  })

  it('is refused when anything in it was changed', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const { alice, mallory } = stage
    const credential = { id: mallory.credentialId, label: 'level-3 key', keyType: 'ec-p256' }
    const changes: Readonly<Record<string, unknown>>[] = [
      { signer: { id: mallory.signerId, name: 'Alice Victim' } },
      { signer: { id: alice.signerId, name: 'Somebody Else' } },
      { credential },
      { client: { id: OTHER_CLIENT, name: 'Another application' } },
      { level: 1 },
      { maxSignatures: 1000 },
      { expiresAt: 2 ** 39 },
      { nonce: toBase64url(new Uint8Array(32)) },
      { purpose: 'grant' },
    ]
    for (const change of changes) {
      await assertRefused(
        stage,
        'ticket-invalid',
        () => submit(altered(ticket, change)),
        JSON.stringify(change),
      )
    }
    await submit(ticket)
  })

  it('is refused with another header: no algorithm, a symmetric one, a key of the attacker’s', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const [, payload, signature] = ticket.split('.')
    const secret = createHash('sha256').update(stage.deployment.samKey).digest()
    const headers = [
      { alg: 'none', typ: 'natsuin-ticket' },
      { alg: 'HS256', typ: 'natsuin-ticket' },
      { alg: 'ES256', typ: 'natsuin-ticket', jwk: foreignKey.export({ format: 'jwk' }) },
      { typ: 'natsuin-ticket', alg: 'ES256' },
    ]
    for (const header of headers) {
      const head = Buffer.from(JSON.stringify(header)).toString('base64url')
      for (const tail of [signature, secret.toString('base64url')]) {
        await assertRefused(stage, 'ticket-invalid', () => submit(`${head}.${payload}.${tail}`), header.alg)
      }
    }
    await submit(ticket)
  })

  it('is not another statement of the SAM’s: an attestation, or a ticket for something else', async () => {
    const { sam, leaves } = stage
    assert.ok(leaves('key-generated').length >= 2)
    const officer = await sam.call('tickets/grant', { officerId: 'officer-1' })
    await assertRefused(stage, 'ticket-purpose', () => submit(officer.ticket))
    const [, payload, signature] = officer.ticket.split('.')
    const head = toBase64url(new TextEncoder().encode('{"alg":"ES256","typ":"natsuin-key-attestation"}'))
    await assertRefused(stage, 'ticket-invalid', () => submit(`${head}.${payload}.${signature}`))
    await submit((await ticketFor(stage, stage.alice)).ticket)
  })

  it('is spent by the approval that used it: the same again, or other documents, are refused (T-WA-04)', async () => {
    const items = await seenItems('contract.pdf')
    const { ticket } = await ticketFor(stage, stage.alice)
    const answered = await approval(stage, stage.alice, items, { ticket })
    await stage.sam.call('approve', byPasskey(answered))
    await assertRefused(stage, 'ticket-spent', () => stage.sam.call('approve', byPasskey(answered)))
    await assertRefused(stage, 'ticket-spent', () => submit(ticket))
  })

  it('is spent once when the same approval arrives fifty times at once (T-WA-04)', async () => {
    const items = await seenItems('contract.pdf')
    const answered = await approval(stage, stage.alice, items)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => stage.sam.call('approve', byPasskey(answered))),
    )
    const accepted = results.filter(({ status }) => status === 'fulfilled')
    assert.equal(accepted.length, 1)
    for (const result of results) {
      if (result.status === 'rejected') assert.equal(result.reason.code, 'ticket-spent')
    }
  })

  it('for one client does not give a SAD for another (T-SAD-14)', async () => {
    const items = await seenItems('contract.pdf')
    const sad = await approved(stage, stage.alice, items, { clientId: OTHER_CLIENT })
    assert.equal(sad.clientId, OTHER_CLIENT)
    await assertRefused(stage, 'sad-other-client', () =>
      stage.sam.call('sign', useOf(sad, items, { clientId: CLIENT })),
    )
    await stage.sam.call('sign', useOf(sad, items))
  })

  it('serves no guessing: after ten wrong answers it is spent', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const statement = approveStatementBytes(ticket, await seenItems('contract.pdf'))
    const wrong = () => {
      const { assertion } = answerTo(stage, stage.alice, statement, {
        deviations: { hashedRpId: 'localhost' },
      })
      return stage.sam.call('approve', byPasskey({ statement, assertion }))
    }
    for (let i = 0; i < 10; i++) await assertRefused(stage, 'rp-mismatch', wrong)
    await assertRefused(stage, 'ticket-spent', () => submit(ticket))
    await submit((await ticketFor(stage, stage.alice)).ticket)
  })

  it('is refused when its time is over (T-SAD-34)', async () => {
    const hasty = await enrolSigner(stage.deployment, { commonName: 'Hasty' }, { classId: BRIEF })
    const [used, kept] = [await ticketFor(stage, hasty), await ticketFor(stage, hasty)]
    await submit(used.ticket, hasty)
    await setTimeout(10_100)
    await assertRefused(stage, 'ticket-expired', () => submit(kept.ticket, hasty))
  })

  it('with one bit of its signature changed is refused, wherever the bit is', async () => {
    const { ticket } = await ticketFor(stage, stage.alice)
    const [head, payload, tail = ''] = ticket.split('.')
    const signature = fromBase64url(tail) ?? new Uint8Array()
    for (const at of signature.keys()) {
      const wrong = signature.map((byte, i) => (i === at ? byte ^ 1 : byte))
      await assertRefused(stage, 'ticket-invalid', () => submit(`${head}.${payload}.${toBase64url(wrong)}`))
    }
    await submit(ticket)
  })
})

describe('after a restart of the SAM', () => {
  it('neither tickets nor SADs of the process before are worth anything (T-SAD-27)', async () => {
    const items = await seenItems('contract.pdf')
    const { ticket } = await ticketFor(stage, stage.alice)
    const sad = await approved(stage, stage.alice, items)
    stage = await reconnected(stage)
    await assertRefused(stage, 'ticket-foreign', () => submit(ticket))
    await assertRefused(stage, 'sad-unknown', () => stage.sam.call('sign', useOf(sad, items)))
    await signs(stage, stage.alice)
  })

  it('an answer that was stored is still given, to the same request alone (T-SAD-01)', async () => {
    const items = await seenItems('contract.pdf', 'other.pdf')
    const sad = await approved(stage, stage.alice, items)
    const once = useOf(sad, items.slice(0, 1), { requestId: 'once' })
    const { signatures } = await stage.sam.call('sign', once)
    stage = await reconnected(stage)
    const before = stage.keyUses()
    assert.deepEqual((await stage.sam.call('sign', once)).signatures, signatures)
    assert.deepEqual(stage.keyUses(), before)
    const other = useOf(sad, items.slice(1), { requestId: 'once' })
    await assertRefused(stage, 'request-differs', () => stage.sam.call('sign', other))
    await assertRefused(stage, 'sad-unknown', () => stage.sam.call('sign', useOf(sad, items.slice(1))))
  })
})
