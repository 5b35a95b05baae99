/** Many signers at once over many connections: every value belongs to its own request (T-SAD-32). */
import assert from 'node:assert/strict'
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { parseCertificate } from '@natsuin/pki/x509'
import { enrolSigner, type Signer } from '@natsuin/testing/deployment'
import { rounds } from '@natsuin/testing/rounds'
import { approved, chainOf, connectSam, openStage, type Stage, seenItems, useOf } from './stage.ts'

const SIGNERS = 12
/** Documents of one approval, each asked for by itself. */
const DOCUMENTS = 25

let stage: Stage
const signers: Signer[] = []
before(async () => {
  stage = await openStage()
  for (let i = 0; i < SIGNERS; i++)
    signers.push(await enrolSigner(stage.deployment, { commonName: `Signer ${i}` }))
})
after(() => stage.close())

const keyOf = (signer: Signer): KeyObject => {
  const { spki } = parseCertificate(chainOf(stage, signer)[0] ?? new Uint8Array())
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

describe('signatures for many signers at once', () => {
  it('are each by the key of their signer, over the document that was asked for (T-SAD-32)', async () => {
    const connections = Array.from({ length: SIGNERS * 2 }, () => connectSam(stage.deployment))
    const keys = signers.map(keyOf)
    for (let signed = 0; signed < rounds('mixUp'); signed += SIGNERS * DOCUMENTS) {
      const approvals = await Promise.all(
        signers.map(async signer => {
          const items = await seenItems(...Array.from({ length: DOCUMENTS }, (_, i) => `${i}.pdf`))
          return { items, sad: await approved(stage, signer, items) }
        }),
      )
      const calls = Array.from({ length: DOCUMENTS }, (_, i) =>
        approvals.map(async ({ items, sad }, who) => {
          const item = items[i]
          assert.ok(item)
          const connection = connections[(i * SIGNERS + who) % connections.length] ?? stage.sam
          const { signatures } = await connection.call('sign', useOf(sad, [item]))
          const [signature = new Uint8Array()] = signatures
          assert.equal(signatures.length, 1)
          assert.ok(verify('sha256', item.dtbs, keys[who] ?? '', signature), `signer ${who}, document ${i}`)
        }),
      )
      await Promise.all(calls.flat())
    }
    for (const connection of connections) connection.close()
  })
})
