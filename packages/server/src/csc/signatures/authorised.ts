/**
 * The two authorizations of a signature brought together: CSC API v2.0.0.2, 8.4.4 and 11.10.
 *
 * With a credential token in the header the body needs no SAD, and may repeat it; with a service token the body must carry
 * one of the same signer and client.
 */
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { Credential } from '../../signing/credentials.ts'
import type { ActivationRecord } from '../../storage/activations.ts'
import { checkOwnCredential } from '../credentials/info.ts'
import { checkUsable } from '../credentials/usable.ts'
import { RequestRefused } from '../errors.ts'
import type { Services } from '../method.ts'
import { ownSad, readSad } from '../sad.ts'

export interface Authorised {
  readonly activation: ActivationRecord
  readonly credential: Credential
}

interface Asked {
  readonly credentialID: string
  readonly SAD?: string
}

/** @throws RequestRefused, Refusal */
export async function authorised(
  { credentialID, SAD }: Asked,
  access: Access,
  services: Services,
): Promise<Authorised> {
  const activation = await activationOf(SAD, access, services)
  checkOwnCredential(access, credentialID)
  const credential = await services.credentials.belongingTo(signersOf(access), credentialID)
  checkUsable(credential)
  return { activation, credential }
}

async function activationOf(
  sad: string | undefined,
  access: Access,
  services: Services,
): Promise<ActivationRecord> {
  if (access.scope === 'credential') {
    if (sad !== undefined) checkSame(access.activation, await readSad(services, sad, access))
    return access.activation
  }
  if (sad === undefined) throw new RequestRefused('sad-missing')
  return ownSad(services, sad, access)
}

function checkSame(one: ActivationRecord, other: ActivationRecord): void {
  if (one.grant_digest !== other.grant_digest) throw new RequestRefused('sad-invalid')
}
