/** `/natsuin/v1` — what CSC has no method for: evidence of a signature, and revocation by the signer. */
import { fromBase64 } from '@natsuin/pki/encoding'
import { identifier, toWire } from '@natsuin/protocol/approval'
import { revocationReason } from '@natsuin/protocol/issuance'
import { Refusal } from '@natsuin/protocol/refusal'
import { record, text } from '@natsuin/protocol/shape'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { checkOwnCredential } from '../csc/credentials/info.ts'
import { type ServiceAccess, signersOf } from '../oauth/access-tokens.ts'
import { type EvidenceParts, evidenceOf } from '../signing/evidence.ts'
import { type RevocationParts, revokeCredential } from '../signing/revocation.ts'
import type { AccessOf } from './authorization.ts'

const evidenceRequest = record({ credentialID: identifier, signature: text({ max: 2048 }) })
const revocationRequest = record({ credentialID: identifier, reason: revocationReason })

export interface NatsuinParts {
  readonly accessOf: AccessOf
  readonly evidence: EvidenceParts
  readonly revocation: RevocationParts
}

export function natsuinRoutes({ accessOf, evidence, revocation }: NatsuinParts) {
  /** To end a key is for its signer alone, and not for whatever may use his service. */
  const ownLogIn = async (request: FastifyRequest): Promise<ServiceAccess> => {
    const access = await accessOf(request)
    if (access.scope !== 'service' || !access.byPasskey) throw new Refusal('token-invalid')
    return access
  }
  return async (app: FastifyInstance): Promise<void> => {
    app.post('/evidence', async request => {
      const access = await accessOf(request)
      const { credentialID: credentialId, signature } = evidenceRequest(request.body)
      checkOwnCredential(access, credentialId)
      const value = fromBase64(signature)
      if (value === undefined) throw new Refusal('signature-unknown')
      const asked = { signerIds: signersOf(access), credentialId, signature: value }
      return { evidence: toWire(await evidenceOf(evidence, asked)) }
    })

    app.post('/credentials/revoke', async (request, reply) => {
      const signerIds = signersOf(await ownLogIn(request))
      const { credentialID: credentialId, reason } = revocationRequest(request.body)
      await revokeCredential(revocation, { signerIds, credentialId, reason })
      return reply.code(204).send()
    })
  }
}
