/**
 * `sign` — signs what a SAD allows, or repeats an answer that was lost (sole-control 5; threats G1 to G3).
 *
 * A request that is under way is joined, one that was settled is answered from its record, and only a new one
 * reaches the checks. Between the last check and the reservation nothing is awaited.
 */
import { equal } from '@natsuin/pki/encoding'
import type { SapRefusal, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { checkDeliverable } from '../credentials/check-standing.ts'
import { refuse } from '../refuse.ts'
import { bearerDigest } from '../sad/bearer.ts'
import { VerifiedUse } from '../sad/checks.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import { activate } from './activate.ts'
import { AuthorisedActivation } from './authorised-activation.ts'
import type { Ongoing } from './ongoing.ts'
import { answered } from './representation.ts'
import { activationIdOf, requestDigest } from './request-digest.ts'

type Request = SapRequest<'sign'>
type Response = SapResponse<'sign'>

/** @throws Refusal those of `USE_CHECKS`, `sad-unknown`, `request-differs`, `outcome-unknown`, `module-unavailable` */
export async function signRequest(sam: Sam, request: Request): Promise<Response> {
  const sadDigest = bearerDigest(request.sad)
  const asked = requestDigest(request)
  const activationId = activationIdOf(sadDigest, request.requestId)
  const sad = sam.sads.find(sadDigest)
  // A SAD in memory knows its activations; of one that is not (a restart), only records do.
  const mayRepeat = request.requestId !== '' && (sad === undefined || sad.isGranted(activationId))
  const repeated = mayRepeat ? await repeat(sam, activationId, asked) : undefined
  if (repeated !== undefined) return repeated
  if (sad === undefined) throw refuse('sad-unknown')
  const use = VerifiedUse.check({ sam, sad, request })
  const activation = AuthorisedActivation.grant(activationId, use)
  return track(sam, activationId, asked, activate(sam, activation, asked))
}

async function track(sam: Sam, activationId: string, asked: Uint8Array, response: Promise<Response>) {
  sam.ongoing.set(activationId, { requestDigest: asked, response })
  try {
    return await response
  } finally {
    sam.ongoing.delete(activationId)
  }
}

/** The answer to the same request, under way or settled; `undefined` when there was none. */
async function repeat(sam: Sam, activationId: string, asked: Uint8Array): Promise<Response | undefined> {
  const ongoing = sam.ongoing.get(activationId)
  if (ongoing !== undefined) return join(ongoing, asked)
  const settled = await sam.records.read('activation', activationId)
  await sam.lease.need()
  return settled === undefined ? undefined : storedAnswer(sam, activationId, settled.content, asked)
}

function join({ requestDigest: first, response }: Ongoing, asked: Uint8Array): Promise<Response> {
  if (!equal(first, asked)) throw refuse('request-differs')
  return response
}

/** What a retry gets when there are no values. */
const WITHOUT_VALUES: Readonly<Record<Exclude<RecordOf<'activation'>['outcome'], 'completed'>, SapRefusal>> =
  {
    granted: 'outcome-unknown',
    unknown: 'outcome-unknown',
    failed: 'module-unavailable',
  }

/** The stored values, for the same request by the same holder of the SAD; never another signature. */
function storedAnswer(
  sam: Sam,
  activationId: string,
  stored: RecordOf<'activation'>,
  asked: Uint8Array,
): Response {
  if (!equal(stored.requestDigest, asked)) throw refuse('request-differs')
  checkDeliverable(sam, stored.credentialId)
  if (stored.outcome !== 'completed') throw refuse(WITHOUT_VALUES[stored.outcome])
  if (sam.time.seconds() >= stored.retryUntil) throw refuse('sad-expired')
  return { activationId, signatures: stored.signatures, ...answered(stored.made ?? []) }
}
