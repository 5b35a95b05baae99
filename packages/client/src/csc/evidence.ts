/** Natsuin's own, beside the CSC API: the evidence that the signer approved what was signed (docs/evidence.md). */
import { toBase64 } from '@natsuin/pki/encoding'
import type { CallOptions } from '../http/connection.ts'
import { membersOf } from '../json.ts'
import type { Token } from '../token.ts'
import type { CscService } from './service.ts'

export interface EvidenceRequest {
  readonly credentialID: string
  readonly signature: Uint8Array
}

export async function askEvidence(
  service: CscService,
  token: Token,
  { credentialID, signature }: EvidenceRequest,
  options: CallOptions,
): Promise<unknown> {
  const body = { credentialID, signature: toBase64(signature) }
  const answer = await service.call(service.beside('natsuin/v1/evidence'), body, { token }, options)
  return membersOf(answer.body)['evidence']
}
