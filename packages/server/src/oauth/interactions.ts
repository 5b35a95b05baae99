/**
 * Interactions: the point where the authorization server waits for a signer.
 *
 * Scope `service`: the log-in page of this server, where the passkey and the consent are one step. Scope
 * `credential`: the approval page, an origin of its own, without cookies here; what ends that wait is the SAM's
 * answer alone (sole-control 4, step 6). To go on, the browser needs both the cookie it got when the request
 * began and what the page got when it ended: so the browser that began is the one that approved.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '@natsuin/protocol/refusal'
import type Provider from 'oidc-provider'
import type { Interaction, InteractionResults, KoaContextWithOIDC } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { Activations } from '../signing/activations.ts'
import type { ApprovalParty } from '../signing/approval-party.ts'
import type { AcceptedSad, Approvals } from '../signing/approvals.ts'
import { bearerDigest } from '../signing/bearer.ts'
import { derivedSecret } from '../signing/derived-secret.ts'
import type { RefusalCode } from '../signing/refusals.ts'
import type { ApprovalRepository } from '../storage/approvals.ts'
import type { CredentialRecord, CredentialRepository } from '../storage/credentials.ts'
import type { ClientRegistry } from './client-registry.ts'
import { inOAuthWords } from './errors.ts'
import type { LevelFloor } from './level-floor.ts'
import { methodsOf } from './log-in-origin.ts'
import { ACT_GRANT_SECONDS, resourceOf, SERVICE_GRANT_SECONDS, sameSecret } from './provider.ts'
import { signedRequest } from './request-objects.ts'
import { readRequest } from './signature-request.ts'
import { untypedDigests } from './untyped-digests.ts'

export interface InteractionParts {
  readonly publicUrl: string
  readonly approvalOrigin: string
  readonly approvals: Approvals
  readonly approvalRecords: ApprovalRepository
  readonly credentials: CredentialRepository
  readonly clients: ClientRegistry
  readonly levelFloor: LevelFloor
  readonly activations: Activations
  /** 32 bytes; derives what the approval page gets when it has approved. */
  readonly finishKey: Uint8Array
  readonly clock: Clock
}

/** Where the signer goes when a request begins: the `interactions.url` of the provider. */
export async function interactionUrl(
  parts: InteractionParts,
  context: KoaContextWithOIDC,
  interaction: Interaction,
): Promise<string> {
  // Acts on credentials are the server's to deny or to do: nothing of them is a signature.
  if (interaction.params['scope'] !== 'credential') return `/login/${interaction.uid}`
  return inOAuthWords(async () => {
    const request = readRequest(interaction.params, untypedDigests(context, parts.clients))
    const { uid, params } = interaction
    const clientId = String(params['client_id'])
    const credential = await requestedCredential(parts, request.credentialId, context.oidc.session?.accountId)
    await parts.levelFloor.check(clientId, credential.level)
    const requestObject = params['authorization_details'] === undefined ? undefined : signedRequest(context)
    const handle = await parts.approvals.begin({ uid, clientId, request, requestObject })
    return `${parts.approvalOrigin}/#approve=${handle}`
  })
}

/** Whoever is logged in here asks for his own credentials only. */
async function requestedCredential(
  { credentials }: InteractionParts,
  credentialId: string,
  loggedIn: string | undefined,
): Promise<CredentialRecord> {
  const credential = await credentials.find(credentialId)
  if (credential === undefined) throw new Refusal('credential-unknown')
  if (loggedIn !== undefined && loggedIn !== credential.signer_id) throw new Refusal('session-other-signer')
  return credential
}

/** The `mayResume` of the provider: an approved request goes on only with what the page that approved it got. */
export async function mayResume(
  parts: InteractionParts,
  uid: string,
  finish: string | undefined,
): Promise<boolean> {
  const approval = await parts.approvalRecords.findByInteraction(uid)
  if (approval === undefined || approval.state !== 'approved') return true
  return finish !== undefined && sameSecret(finish, finishSecret(parts, uid))
}

function finishSecret({ finishKey }: InteractionParts, uid: string): string {
  return derivedSecret(finishKey, 'finish', uid)
}

export interface LogInView {
  readonly clientName: string
  readonly scope: string
}

/** What the pages' endpoints do with waiting interactions. Each `continue` is where the browser goes next. */
export class Interactions implements ApprovalParty {
  readonly #provider: Provider
  readonly #parts: InteractionParts

  constructor(provider: Provider, parts: InteractionParts) {
    this.#provider = provider
    this.#parts = parts
  }

  /** @throws Refusal log-in-foreign-browser unless this browser began the interaction */
  checkBrowser(uid: string, request: IncomingMessage, response: ServerResponse): void {
    const { cookies } = this.#provider.createContext(request, response)
    const began = cookies.get(this.#provider.cookieName('interaction'), { signed: true })
    if (began !== uid) throw new Refusal('log-in-foreign-browser')
  }

  async view(uid: string): Promise<LogInView> {
    const { params } = await this.#logIn(uid)
    const client = await this.#provider.Client.find(String(params['client_id']))
    return { clientName: client?.clientName ?? String(params['client_id']), scope: String(params['scope']) }
  }

  /** The signer logged in and consented. @param providerId where he logged in, if not here */
  async logIn(uid: string, signerId: string, providerId?: string): Promise<string> {
    const interaction = await this.#logIn(uid)
    const lasts = interaction.params['scope'] === 'service' ? SERVICE_GRANT_SECONDS : ACT_GRANT_SECONDS
    const expiresAt = epochSeconds(this.#parts.clock()) + lasts
    const grantId = await this.#grant(interaction, signerId, expiresAt)
    const login = { accountId: signerId, remember: false, amr: methodsOf(providerId) }
    await finish(interaction, { login, consent: { grantId } })
    return interaction.returnTo
  }

  async cancelLogIn(uid: string): Promise<string> {
    return declined(await this.#logIn(uid))
  }

  /** The SAM accepted a SAD: makes the grant that stands for it. @throws Refusal session-other-signer */
  async approve(uid: string, sad: AcceptedSad): Promise<string> {
    const interaction = await this.#find(uid, 'approval-expired')
    const loggedIn = interaction.session?.accountId
    if (loggedIn !== undefined && loggedIn !== sad.signerId) throw new Refusal('session-other-signer')
    const grantId = await this.#grant(interaction, sad.signerId, sad.expiresAt)
    await this.#parts.activations.keep(bearerDigest(grantId), sad)
    await finish(interaction, { login: { accountId: sad.signerId, remember: false }, consent: { grantId } })
    return this.approvedUrl(uid)
  }

  /** Where an approved request goes on; only the page that approved learns it. */
  approvedUrl(uid: string): string {
    const { publicUrl } = this.#parts
    return `${publicUrl}/oauth2/authorize/${uid}?finish=${finishSecret(this.#parts, uid)}`
  }

  /** The signer said no. */
  async decline(uid: string): Promise<string> {
    return declined(await this.#find(uid, 'approval-expired'))
  }

  async #logIn(uid: string): Promise<Interaction> {
    const interaction = await this.#find(uid, 'log-in-unknown')
    if (interaction.params['scope'] === 'credential') throw new Refusal('log-in-unknown')
    return interaction
  }

  async #find(uid: string, otherwise: RefusalCode): Promise<Interaction> {
    const interaction = await this.#provider.Interaction.find(uid)
    if (interaction === undefined) throw new Refusal(otherwise)
    return interaction
  }

  async #grant(interaction: Interaction, accountId: string, expiresAt: number): Promise<string> {
    const { client_id: clientId, scope, authorization_details: details } = interaction.params
    const grant = new this.#provider.Grant({ accountId, clientId: String(clientId) })
    grant.exp = expiresAt
    grant.addOIDCScope(String(scope))
    grant.addResourceScope(resourceOf(this.#parts.publicUrl), String(scope))
    if (typeof details === 'string') for (const detail of JSON.parse(details)) grant.addRar(detail)
    return grant.save()
  }
}

async function finish(interaction: Interaction, result: InteractionResults): Promise<void> {
  interaction.result = result
  await interaction.persist()
}

async function declined(interaction: Interaction): Promise<string> {
  await finish(interaction, { error: 'access_denied', error_description: 'The signer declined' })
  return interaction.returnTo
}
