/**
 * Software of an organisation approves with its seal key, nobody present: the challenge is the SAM's ticket, the response the
 * statement and its seal (sole-control 7; CSC API v2.0.0.2, 8.5 and 11.8). v1 has no challenges, and so no way to it.
 */
import { fromBase64url } from '@natsuin/pki/encoding'
import { type ApproveStatement, approveStatement } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { itemOf } from '@natsuin/protocol/request'
import type { SapRefusal } from '@natsuin/protocol/sap'
import { JsonRefused, readStrictJson, ShapeError } from '@natsuin/protocol/shape'
import { isAsked } from '../../../signing/is-asked.ts'
import type { SealedStatement } from '../../../signing/seals.ts'
import { RequestRefused } from '../../errors.ts'
import type { ApprovedHashes } from '../../hashes.ts'
import { Reply } from '../../method.ts'
import { givenOut } from '../given-out.ts'
import type { ToAuthorize, Way } from './way.ts'

const SEAL_ID = 'SEAL'

export const bySealKey: Way = {
  told: {
    authMode: 'oauth2code',
    mode: 'explicit',
    objects: [
      { type: 'ChallengeResponse', id: SEAL_ID, format: 'A', label: 'Statement and seal over the challenge' },
    ],
    SCAL: '2',
  },
  async authorize({ request, approved, access: { clientId, boundTo }, edition }, services) {
    if (edition === 'v1') throw new RequestRefused('credential-not-explicit')
    const sealed = readSealed(request)
    checkStatement(sealed, approved)
    const sad = await refusingAlike(() => services.sealedApprovals.approve(clientId, sealed))
    if (sad.credentialId !== request.credentialID) throw new Refusal('sad-other-credential')
    const value = await services.activations.keepGivenOut(sad, boundTo)
    return givenOut({ value, expiresAt: sad.expiresAt }, services)
  },
  challenge: {
    id: SEAL_ID,
    make: async ({ credentialId, clientId }, { sealedApprovals }) =>
      new Reply(200, { challenge: await sealedApprovals.ticket(clientId, credentialId) }),
  },
}

/** base64url of the statement, a dot, and its seal. @throws RequestRefused */
function readSealed({ authData }: ToAuthorize['request']): SealedStatement {
  if (authData === undefined) throw new RequestRefused('auth-data-missing')
  const [entry, ...more] = authData
  const [text = '', ...seal] = entry?.value?.split('.') ?? []
  const statement = fromBase64url(text)
  if (entry?.id !== SEAL_ID || more.length > 0 || statement === undefined) {
    throw new RequestRefused('auth-data-invalid')
  }
  return { statement, seal: seal.join('.') }
}

/** It is about what the request says. The SAM does not rely on that. @throws RequestRefused */
function checkStatement(
  { statement: bytes }: SealedStatement,
  { hashType, digests, digestAlgorithm }: ApprovedHashes,
): void {
  const { items, digestAlgorithm: said } = readShaped(bytes)
  const isSame =
    said === digestAlgorithm &&
    items.length === digests.length &&
    items.every((item, i) => isAsked(item, itemOf(item.label, hashType, digests[i] ?? new Uint8Array())))
  if (!isSame) throw new RequestRefused('auth-data-invalid')
}

function readShaped(bytes: Uint8Array): ApproveStatement {
  try {
    return readStrictJson(bytes, approveStatement)
  } catch (error) {
    if (error instanceof ShapeError || error instanceof JsonRefused)
      throw new RequestRefused('auth-data-invalid')
    throw error
  }
}

/**
 * What is wrong with a response is not said (a guesser learns nothing); whose ticket it is on, and what is wrong besides,
 * is.
 */
const WRONG_RESPONSE: ReadonlySet<string> = new Set<SapRefusal>([
  'malformed',
  'seal-invalid',
  'ticket-invalid',
  'ticket-foreign',
  'ticket-expired',
  'ticket-spent',
  'ticket-purpose',
])

async function refusingAlike<T>(approve: () => Promise<T>): Promise<T> {
  try {
    return await approve()
  } catch (error) {
    if (error instanceof Refusal && WRONG_RESPONSE.has(error.code))
      throw new RequestRefused('auth-data-invalid')
    throw error
  }
}
