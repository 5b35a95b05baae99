/** Signs the digests of an asynchronous `signatures/signHash`. */
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ActivationRepository } from '../storage/activations.ts'
import type { Activations, SigningRequest } from './activations.ts'
import type { ResponseWorker } from './responses.ts'

export const HASHES = 'hashes'

type Asked = Omit<SigningRequest, 'clientId' | 'requestId' | 'dtbsrs'> & { readonly grantDigest: string }

/** What it is told by whoever accepts one. */
export interface HashesToSign extends Asked {
  readonly dtbsrs: readonly Uint8Array[]
}

export function hashesRequest({ dtbsrs, ...asked }: HashesToSign) {
  return { kind: HASHES, ...asked, dtbsrs: dtbsrs.map(toBase64) }
}

export function createHashWorker(
  activations: Pick<Activations, 'sign'>,
  records: Pick<ActivationRepository, 'find'>,
): ResponseWorker {
  return async ({ request, clientId, requestId }) => {
    const { kind: _, grantDigest, dtbsrs, ...asked } = request as unknown as ReturnType<typeof hashesRequest>
    const activation = await records.find(grantDigest)
    if (activation === undefined) throw new Refusal('sad-unknown')
    const digests = dtbsrs.map(text => fromBase64(text) ?? new Uint8Array())
    const signatures = await activations.sign(activation, { ...asked, dtbsrs: digests, clientId, requestId })
    return { members: { signatures: signatures.map(toBase64) }, documents: 0 }
  }
}
