/**
 * credentials/create — takes over the credential that a signer has just enrolled for. CSC API v2.2.0.0, 11.4.
 *
 * No application makes a key in anybody's name, and this server cannot (sole-control 6): officers vouched for the person, he
 * showed on the approval page by which means he will approve, the SAM made his key and the authorities certified it. That
 * is the ceremony behind the authorization; the log-in of it, by the same person, says who may have the result. Asked
 * again the answer is the same, for as long as the token lasts.
 */
import { credentialsCreateRequest, credentialsCreateResponse } from '@natsuin/protocol/csc'
import type { ActAccess } from '../../oauth/access-tokens.ts'
import { type Credential, endEntityOf } from '../../signing/credentials.ts'
import { actToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { cscMethod, Reply } from '../method.ts'
import { credentialInfo } from './credential-info.ts'
import { wayOf } from './ways/ways.ts'

/** Between the making of the key and the log-in that gives it to the application. */
const CEREMONY_SECONDS = 3600

export const credentialsCreate = cscMethod({
  summary: 'The credential that the signer enrolled for just now.',
  since: '2.1.0.1',
  access: actToken('credential-creation'),
  request: credentialsCreateRequest,
  answers: { 201: credentialsCreateResponse },

  async handle({ request, access }, { credentials, clients, description, algorithms }) {
    const made = (await credentials.listOf(access.signerId)).find(credential => isNew(credential, access))
    if (made === undefined) throw new RequestRefused('credential-not-enrolled')
    checkPolicy(made, request.credentialCreationRequest?.certificatePolicy)
    const { credential_id: credentialID } = made
    const options = { ...request, lang: description.lang }
    const shown = { credential: made, way: wayOf(made, clients.find(access.clientId)) }
    const told = request.credentialInfo === true ? await credentialInfo(shown, options, algorithms) : {}
    return new Reply(201, { credentialID, ...told })
  },
})

function isNew({ created_at: madeAt, status }: Credential, { issuedAt }: ActAccess): boolean {
  return status === 'valid' && madeAt >= issuedAt - CEREMONY_SECONDS
}

/** A policy that was asked for has to be one of the certificate's. */
function checkPolicy(credential: Credential, wanted: string | undefined): void {
  if (wanted === undefined || endEntityOf(credential).extensions.policies.includes(wanted)) return
  throw new RequestRefused('certificate-policy-invalid')
}
