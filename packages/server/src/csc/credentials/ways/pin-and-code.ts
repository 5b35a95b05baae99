/**
 * The signer gives a PIN and a code to the application, which hands them on: a code of his app, or one that was sent to him.
 * Both pass through others, so SCAL 1. CSC API v1.0.4.0 and v2.0.0.2, 11.6.
 */
import type { CodeMeans } from '../../../signing/credentials.ts'
import { Reply } from '../../method.ts'
import { givenOut } from '../given-out.ts'
import { CODE_ID, PIN_ID, pinAndCodeOf } from './factors.ts'
import type { AuthenticationObject, Told, Way } from './way.ts'

const PIN = { format: 'N', label: 'Signing PIN' } as const
const APP_CODE = { format: 'N', label: 'Code of the authenticator app' } as const
const SENT_CODE = { format: 'N', label: 'Code sent to the signer' } as const

const authorize =
  (means: CodeMeans): NonNullable<Way['authorize']> =>
  async ({ request, approved, access, edition }, services) => {
    const { credentialID: credentialId, description = '' } = request
    const { clientId, boundTo } = access
    const factors = { means, ...pinAndCodeOf(request, edition) }
    const asked = { credentialId, clientId, boundTo, description, ...approved, ...factors }
    const { value, sad } = await services.explicit.authorize(asked)
    return givenOut({ value, expiresAt: sad.expiresAt }, services)
  }

function told(code: AuthenticationObject, inV1: NonNullable<Told['OTP']>): Told {
  return {
    authMode: 'explicit',
    mode: 'explicit',
    expression: `${PIN_ID} AND ${CODE_ID}`,
    objects: [{ type: 'Password', id: PIN_ID, ...PIN }, code],
    PIN: { presence: 'true', ...PIN },
    OTP: inV1,
    SCAL: '1',
  }
}

export const byCode: Readonly<Record<CodeMeans, Way>> = {
  'pin-totp': {
    // The code is made by the app, so nobody has to send one.
    told: told(
      { type: 'Password', id: CODE_ID, ...APP_CODE, generator: 'totp' },
      { presence: 'true', type: 'offline', ...APP_CODE, ID: 'totp' },
    ),
    authorize: authorize('pin-totp'),
  },
  'pin-sent-code': {
    told: told(
      { type: 'ChallengeResponse', id: CODE_ID, ...SENT_CODE },
      { presence: 'true', type: 'online', ...SENT_CODE, ID: 'sent' },
    ),
    authorize: authorize('pin-sent-code'),
    challenge: {
      id: CODE_ID,
      async make(asked, { sentCodes }) {
        await sentCodes.send(asked)
        return new Reply(204)
      },
    },
  },
}
