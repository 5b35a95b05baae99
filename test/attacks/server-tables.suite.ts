/**
 * Edits of the server's own tables, in whichever database they are: what the server believes of approvals and credentials
 * moves nothing in the SAM (T-SAD-26, T-SAD-12).
 */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  byPasskey,
  detailFor,
  ECDSA_SHA256_OID,
  openApplication,
  openApproval,
  type Signer,
} from '@natsuin/testing/deployment'
import { approval, assertRefused, type Stage, seenItems, signs } from './stage.ts'

export interface ServerDatabase {
  /** As it is when the tests begin. */
  readonly stage: () => Stage
  readonly edit: (sql: string) => void
}

export function describeServerTables(database: ServerDatabase): void {
  describe('the server’s own tables', () => {
    const { edit } = database
    let stage: Stage
    before(() => {
      stage = database.stage()
    })

    /** An approval through the server, and the request to sign under it. */
    async function throughServer(signer: Signer) {
      const application = openApplication(stage.deployment)
      const items = await seenItems('first.pdf', 'second.pdf')
      const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
      const documents = items.map(({ label, dtbsr, dtbs, documentDigest }) => ({
        dtbsr,
        digest: { hash: encode(dtbsr), label, dtbs: encode(dtbs), documentDigest: encode(documentDigest) },
      }))
      const seen = items.map(({ documentDigest }) => documentDigest)
      const token = await application.credentialToken(signer, detailFor(signer.credentialId, documents), {
        documents: seen,
      })
      const call = (credentialID = signer.credentialId, which = documents) =>
        application.call(
          'signatures/signHash',
          { credentialID, hashes: which.map(({ digest }) => digest.hash), signAlgo: ECDSA_SHA256_OID },
          token,
        )
      return { call, documents, application }
    }

    it('give no further signature when counts and expiries in them are raised (T-SAD-26)', async () => {
      const { call, documents } = await throughServer(stage.alice)
      const before = stage.keyUses()
      assert.equal((await call()).status, 200)
      edit('UPDATE activations SET num_signatures = 1000, expires_at = 4000000000')
      for (const which of [documents, documents.slice(0, 1)]) {
        const { status, body } = await call(undefined, which)
        assert.deepEqual(
          [status, body],
          [400, { error: 'invalid_request', error_description: 'Invalid parameter SAD' }],
        )
      }
      assert.equal(stage.keyUses().completed, before.completed + 2)
    })

    it('do not make Alice’s approval one for Mallory’s credential, or the other way round (T-SAD-12)', async () => {
      const { alice, mallory } = stage
      for (const [holder, other] of [
        [alice, mallory],
        [mallory, alice],
      ] as const) {
        // What is left then is the one activation that matters.
        edit('DELETE FROM activations')
        const { call } = await throughServer(holder)
        const move = ({ credentialId, signerId }: Signer) =>
          edit(`UPDATE activations SET credential_id = '${credentialId}', signer_id = '${signerId}'`)
        const before = stage.keyUses()
        move(other)
        const { status } = await call(other.credentialId)
        assert.notEqual(status, 200)
        assert.deepEqual(stage.keyUses(), before)
        move(holder)
        assert.equal((await call()).status, 200)
      }
    })

    it('do not make Alice’s credential Mallory’s: her passkey is still the one that is asked', async () => {
      const { alice, mallory, deployment } = stage
      const own = (signerId: string) =>
        edit(`UPDATE credentials SET signer_id = '${signerId}' WHERE credential_id = '${alice.credentialId}'`)
      own(mallory.signerId)
      const application = openApplication(deployment)
      const items = await seenItems('contract.pdf')
      const documents = items.map(({ label, dtbsr }) => ({
        dtbsr,
        digest: { hash: Buffer.from(dtbsr).toString('base64'), label },
      }))
      const request = application.begin({
        authorization_details: JSON.stringify([detailFor(alice.credentialId, documents)]),
      })
      const shown = await openApproval(deployment, mallory, await application.push(request))
      assert.equal(shown.ticket.signer.name, 'Alice Victim')
      const ticket = shown.ticketText
      await assertRefused(stage, 'authenticator-unknown', async () =>
        stage.sam.call('approve', byPasskey(await approval(stage, mallory, items, { ticket }))),
      )
      own(alice.signerId)
      await signs(stage, alice)
    })
  })
}
