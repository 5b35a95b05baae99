/**
 * The member `SAD`: what stands for signature activation data in the API. CSC API v2.0.0.2, 8.4.4, 11.6 and 11.9.
 *
 * Either a value that `credentials/authorize` or `credentials/extendTransaction` gave out, or a credential token.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import { epochSeconds } from '../clock.ts'
import { type Access, type Holder, heldBy, signersOf } from '../oauth/access-tokens.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import { RequestRefused } from './errors.ts'
import type { Services } from './method.ts'

type Known = Pick<Services, 'accessTokens' | 'activations' | 'clock'>

/** Of the same signer and client as the service token beside it. @throws RequestRefused, Refusal */
export async function ownSad(services: Known, sad: string, access: Access): Promise<ActivationRecord> {
  const activation = await readSad(services, sad, access)
  const own = signersOf(access).includes(activation.signer_id) && activation.client_id === access.clientId
  if (!own) throw new Refusal('client-mismatch')
  if (activation.expires_at <= epochSeconds(services.clock())) throw new Refusal('sad-expired')
  return activation
}

/** A token of any other kind, of nobody, and bound to what the request does not show, is no SAD. */
export async function readSad(
  { accessTokens, activations }: Known,
  sad: string,
  { holder }: Pick<Access, 'holder'>,
): Promise<ActivationRecord> {
  const givenOut = await activations.findGivenOut(sad, heldBy(holder))
  if (givenOut !== undefined) return givenOut
  const access = await readToken(accessTokens, sad, holder)
  if (access.scope !== 'credential') throw new RequestRefused('sad-invalid')
  return access.activation
}

async function readToken(tokens: Known['accessTokens'], sad: string, holder: Holder): Promise<Access> {
  try {
    return await tokens.readBeside(sad, holder)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'token-expired') throw new Refusal('sad-expired')
    if (error instanceof Refusal) throw new RequestRefused('sad-invalid')
    throw error
  }
}
