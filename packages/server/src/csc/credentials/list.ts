/** credentials/list — the credentials of a signer. CSC API v1.0.4.0 and v2.0.0.2, 11.4. */
import { credentialsListRequest, credentialsListResponse } from '@natsuin/protocol/csc'
import { serviceToken } from '../admission.ts'
import { cscMethod } from '../method.ts'
import { readSigner } from '../signer.ts'
import { credentialInfo } from './credential-info.ts'
import { pageOf } from './pages.ts'
import { wayOf } from './ways/ways.ts'

export const credentialsList = cscMethod({
  summary: 'The credentials of a signer.',
  access: serviceToken,
  request: credentialsListRequest,
  answers: { 200: credentialsListResponse },

  async handle({ request, access }, { credentials, clients, description, algorithms }) {
    const { credentialInfo: withInfo = false, onlyValid = false } = request
    const all = await credentials.listOf(readSigner(request.userID, access))
    const { page, nextPageToken } = pageOf(all, request)
    const listed = onlyValid ? page.filter(({ status }) => status === 'valid') : page
    const options = { ...request, lang: description.lang }
    const client = clients.find(access.clientId)
    const infos = () =>
      Promise.all(
        listed.map(async credential => ({
          credentialID: credential.credential_id,
          ...(await credentialInfo({ credential, way: wayOf(credential, client) }, options, algorithms)),
        })),
      )
    return {
      credentialIDs: listed.map(({ credential_id }) => credential_id),
      ...(nextPageToken !== undefined && { nextPageToken }),
      ...(withInfo && { credentialInfos: await infos() }),
      ...(onlyValid && { onlyValid }),
    }
  },
})
