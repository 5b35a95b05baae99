/**
 * The signer approves on the approval page with a passkey, to which his account page leads him; the application waits or asks
 * again (CSC API v2.0.0.2, 11.6 and 11.7). In v1 that is mode `implicit`, and the call itself waits (v1.0.4.0, 8.2).
 */
import type { Edition } from '@natsuin/protocol/csc'
import { signersOf } from '../../../oauth/access-tokens.ts'
import { RequestRefused } from '../../errors.ts'
import type { Services } from '../../method.ts'
import { givenOut, stillRunning } from '../given-out.ts'
import type { ToAuthorize, Way } from './way.ts'

const APPROVAL_ID = 'APPROVAL'

type Answer = (
  handle: string,
  asked: ToAuthorize,
  services: Services,
) => ReturnType<NonNullable<Way['authorize']>>

const ANSWERS: Readonly<Record<Edition, Answer>> = {
  v1: async (handle, { access }, services) =>
    givenOut(await services.outOfBand.wait(handle, { ...access, signers: signersOf(access) }), services),
  v2: async handle => stillRunning(handle),
}

export const outOfBand: Way = {
  told: {
    authMode: 'implicit',
    mode: 'explicit',
    objects: [
      {
        type: 'ChallengeResponseOOB',
        id: APPROVAL_ID,
        label: 'Approval with a passkey, on a page of the service',
      },
    ],
    SCAL: '2',
  },
  async authorize(asked, services) {
    const { request, approved, access, credential, edition } = asked
    if (edition === 'v2') checkTrigger(request)
    const { credentialID: credentialId, description = '' } = request
    const { clientId, boundTo } = access
    const handle = await services.outOfBand.begin({
      signerId: credential.signer_id,
      credentialId,
      clientId,
      boundTo,
      description,
      ...approved,
    })
    return ANSWERS[edition](handle, asked, services)
  },
}

/** The empty entry is what starts it; with nothing at all the service decides, and this is the only way there is. */
function checkTrigger({ authData }: ToAuthorize['request']): void {
  if (authData === undefined) throw new RequestRefused('auth-data-missing')
  const isTrigger = authData.every(({ id, value }) => id === APPROVAL_ID && value === undefined)
  if (!isTrigger || authData.length > 1) throw new RequestRefused('auth-data-invalid')
}
