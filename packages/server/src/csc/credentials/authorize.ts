/**
 * credentials/authorize — PIN and code for a SAD. CSC API v2.0.0.2, 11.6, for credentials of mode `explicit`.
 *
 * The two pass through the application and through here: that is what this mode is, and why it is level 2 at most
 * (sole-control 7). The SAM decides. It is told which digests they are for, so `hashes` is needed although the
 * credential says SCAL 1: an approval without digests there is none.
 */
import { oneTimeCode, pin } from '@natsuin/protocol/approval'
import type { AuthorizeResponse } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { ShapeError } from '@natsuin/protocol/shape'
import { epochSeconds } from '../../clock.ts'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { Credential } from '../../signing/credentials.ts'
import { readDigestAlgorithm } from '../algorithms.ts'
import { RequestRefused } from '../errors.ts'
import { checkSizes, readHashes } from '../hashes.ts'
import type { Call, CscMethod, Services } from '../method.ts'
import { checkCommon, optionalText, type Parameters, requiredText } from '../parameters.ts'
import { CODE_ID, PIN_ID } from './credential-info.ts'

export const credentialsAuthorize: CscMethod = {
  access: 'service',

  async handle({ parameters, access }: Call<Access>, services: Services): Promise<AuthorizeResponse> {
    checkCommon(parameters)
    const credentialId = requiredText(parameters, 'credentialID', 'credential-id-missing')
    const credential = await services.credentials.belongingTo(signersOf(access), credentialId)
    checkExplicit(credential)
    const numSignatures = readCount(parameters, credential)
    const digestAlgorithm = readDigestAlgorithm(parameters)
    const dtbsrs = readHashes(parameters)
    checkSizes(dtbsrs, digestAlgorithm)
    if (dtbsrs.length !== numSignatures) throw new RequestRefused('num-signatures-invalid')
    const { value, sad } = await services.explicit.authorize({
      credentialId,
      clientId: access.clientId,
      digestAlgorithm,
      dtbsrs,
      description: optionalText(parameters, 'description', 'description-invalid') ?? '',
      ...readAuthData(parameters),
    })
    return { SAD: value, expiresIn: sad.expiresAt - epochSeconds(services.clock()) }
  },
}

function checkExplicit({ explicit, status }: Credential): void {
  if (!explicit) throw new RequestRefused('credential-not-explicit')
  if (status === 'revoked') throw new Refusal('credential-revoked')
  if (status === 'expired') throw new Refusal('certificate-expired')
}

function readCount(parameters: Parameters, { max_signatures: most }: Credential): number {
  const count = parameters['numSignatures']
  if (typeof count !== 'number' || !Number.isInteger(count))
    throw new RequestRefused('num-signatures-missing')
  if (count < 1) throw new RequestRefused('num-signatures-invalid')
  if (count > most) throw new RequestRefused('num-signatures-too-high')
  return count
}

/** Whatever is no PIN and no code is as wrong as a wrong one: nothing is said about either. */
function readAuthData(parameters: Parameters): { readonly pin: string; readonly code: string } {
  const entries = parameters['authData']
  if (!Array.isArray(entries)) throw new RequestRefused('auth-data-missing')
  if (entries.length !== 2) throw new RequestRefused('auth-data-invalid')
  const given = (id: string): unknown => entries.find(entry => Object(entry).id === id)?.value
  try {
    return { pin: pin(given(PIN_ID)), code: oneTimeCode(given(CODE_ID)) }
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new RequestRefused('auth-data-invalid')
  }
}
