import { describe, it } from 'node:test'
import type { Proof } from '@natsuin/protocol/approval'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { approveStatementBytes, newSealKey, sealOver } from '@natsuin/testing/deployment'
import { approvingOf } from '../../fixture/approving.ts'
import { enrolSigner, unseenItem } from '../../fixture/people.ts'
import { foundPlace, openPlace } from '../../fixture/place.ts'
import { assertRefused } from '../../fixture/refusals.ts'
import { openProof } from './proofs.ts'

describe('a proof by means that its signer never showed', () => {
  it('is none, also where the kind that the credential takes is not asked for', async () => {
    const place = await foundPlace()
    const { sam, sap, store } = await openPlace(place)
    const { credentialId } = await enrolSigner({ ...place, sap }, { level: 1 })
    const { ticket } = await sap['tickets/approve']({ credentialId, clientId: 'app' })
    const bytes = approveStatementBytes(ticket, [unseenItem()])
    const approving = await approvingOf(sam, bytes)
    const logIn = { code: 'code', codeVerifier: 'v'.repeat(43) }
    const proofs: readonly (readonly [SapRefusal, Proof])[] = [
      ['seal-invalid', { kind: 'seal-key', seal: sealOver(bytes, newSealKey()) }],
      ['proof-refused', { kind: 'pin-totp', pin: '830512', code: '123456' }],
      ['proof-refused', { kind: 'pin-sent-code', pin: '830512', code: '123456' }],
      ['proof-refused', { kind: 'provider', logIn }],
    ]
    for (const [code, proof] of proofs) {
      const judged = async () =>
        (await openProof(proof, { bytes, challenge: approving.challenge }).load(sam, approving)).check()
      await assertRefused(code, judged())
    }
    await store.close()
  })
})
