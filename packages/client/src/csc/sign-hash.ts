/** `signatures/signHash`: CSC API v1.0.4.0, 11.9 and v2.0.0.2, 11.10. */
import { toBase64 } from '@natsuin/pki/encoding'
import type { Edition } from '@natsuin/protocol/csc'
import { bytesIn } from '../base64.ts'
import { UnexpectedAnswer } from '../csc-error.ts'
import { membersOf, textOf } from '../json.ts'
import type { Body, CscService } from './service.ts'
import {
  type Later,
  laterMembers,
  type SigningAuthorisation,
  type SigningOptions,
  signingCall,
} from './signing.ts'

export interface SignHashRequest {
  readonly credentialID: string
  readonly hashes: readonly Uint8Array[]
  /** OID; needed where `signAlgo` leaves it open. */
  readonly hashAlgorithmOID?: string
  /** OID, one of the credential's `key.algo`. */
  readonly signAlgo: string
  /** DER, where the algorithm has parameters (RSASSA-PSS). */
  readonly signAlgoParams?: Uint8Array
}

function bodyFor(edition: Edition, request: SignHashRequest): Body {
  const { credentialID, signAlgo, signAlgoParams, hashAlgorithmOID } = request
  const hashes = request.hashes.map(toBase64)
  return {
    credentialID,
    ...(edition === 'v1' ? { hash: hashes, hashAlgo: hashAlgorithmOID } : { hashes, hashAlgorithmOID }),
    signAlgo,
    signAlgoParams: signAlgoParams && toBase64(signAlgoParams),
  }
}

export async function signHash(
  service: CscService,
  authorisation: SigningAuthorisation,
  request: SignHashRequest,
  options: SigningOptions,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const body = bodyFor(await service.edition(options), request)
  const call = { method: 'signatures/signHash', body }
  const values = signaturesIn((await signingCall(service, authorisation, call, options)).body)
  if (values.length !== request.hashes.length) throw new UnexpectedAnswer('not a signature for each hash')
  return values
}

/** @throws UnexpectedAnswer */
export function signaturesIn(answer: unknown): readonly Uint8Array<ArrayBuffer>[] {
  const { signatures } = membersOf(answer)
  if (!Array.isArray(signatures)) throw new UnexpectedAnswer('no signatures')
  return signatures.map(one => bytesIn(one, 'a signature'))
}

/** v2: the values can be fetched later, under the name that comes back. */
export async function signHashLater(
  service: CscService,
  authorisation: SigningAuthorisation,
  request: SignHashRequest & Later,
  options: SigningOptions,
): Promise<string> {
  const call = {
    method: 'signatures/signHash',
    body: { ...bodyFor('v2', request), ...laterMembers(request) },
  }
  const { body } = await signingCall(service, authorisation, call, options)
  return textOf(membersOf(body)['responseID'], 'responseID')
}
