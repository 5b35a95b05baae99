/**
 * Changes to a signer's authenticators: from the account page to the approval page and back (sole-control 6).
 *
 * The server carries: the SAM's ticket to the page, the page's answer to the SAM. What was changed is noted for the
 * signer, who may not have done it himself; the SAM tells him as well, in each ticket that he is shown.
 */
import { toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { base64url, list } from '@natsuin/protocol/shape'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createHandle } from '../signing/bearer.ts'
import type { Sam } from '../signing/sam.ts'
import type { AuthenticatorChange, AuthenticatorChangeRepository } from '../storage/authenticator-changes.ts'
import type { Notice, NoticeKind, NoticeRepository } from '../storage/notices.ts'

/** How long a signer may take; the ticket's own expiry is the SAM's business. */
const LIFETIME_SECONDS = 300
const NOTICES_SHOWN = 20

type Listed = SapResponse<'authenticators/list'>['authenticators']
type Answer = SapRequest<'authenticators/remove'>

export interface Authenticators {
  list(signerId: string): Promise<Listed>
  notices(signerId: string): Promise<readonly Notice[]>
  /** The handle under which the approval page finds it: 128 random bits. */
  beginAdding(signerId: string): Promise<string>
  beginRemoving(signerId: string, authenticatorId: string): Promise<string>
  /** @throws Refusal change-unknown */
  read(handle: string): Promise<{ readonly ticket: string; readonly allow: readonly Uint8Array[] }>
  /** @throws Refusal change-unknown, or of the SAM */
  submit(handle: string, answer: Answer): Promise<void>
}

export interface AuthenticatorParts {
  readonly sam: Sam
  readonly authenticatorChanges: AuthenticatorChangeRepository
  readonly notices: NoticeRepository
  readonly clock: Clock
  /** Told what a signer is told, for whoever sends him a message. */
  readonly onNotice: (notice: Notice) => void
}

export function createAuthenticators(parts: AuthenticatorParts): Authenticators {
  const { sam, authenticatorChanges, notices, clock } = parts
  const begin = async (signerId: string, kind: Kind, asked: Promise<Asked>) => {
    const { ticket, allow } = await asked
    const handle = createHandle()
    await authenticatorChanges.add({
      handle_digest: bearerDigest(handle),
      signer_id: signerId,
      kind,
      ticket,
      allow: JSON.stringify(toWire(allow)),
      expires_at: epochSeconds(clock()) + LIFETIME_SECONDS,
    })
    return handle
  }
  const open = async (handle: string): Promise<AuthenticatorChange> => {
    const change = await authenticatorChanges.find(bearerDigest(handle), epochSeconds(clock()))
    if (change === undefined) throw new Refusal('change-unknown')
    return change
  }
  return {
    list: async signerId => (await sam.call('authenticators/list', { signerId })).authenticators,
    notices: signerId => notices.newest(signerId, NOTICES_SHOWN),
    beginAdding: signerId => begin(signerId, 'add', sam.call('tickets/add-authenticator', { signerId })),
    beginRemoving: (signerId, authenticatorId) =>
      begin(signerId, 'remove', sam.call('tickets/remove-authenticator', { signerId, authenticatorId })),
    async read(handle) {
      const { ticket, allow } = await open(handle)
      return { ticket, allow: allowed(JSON.parse(allow)) }
    },
    async submit(handle, answer) {
      const change = await open(handle)
      await CHANGES[kindOf(change)](sam, answer)
      await tell(parts, change)
    },
  }
}

type Kind = 'add' | 'remove'
type Asked = SapResponse<'tickets/add-authenticator'>

const CHANGES: Readonly<Record<Kind, (sam: Sam, answer: Answer) => Promise<unknown>>> = {
  add: (sam, answer) => sam.call('authenticators/add', answer),
  remove: (sam, answer) => sam.call('authenticators/remove', answer),
}

const NOTICE: Readonly<Record<Kind, NoticeKind>> = {
  add: 'authenticator-added',
  remove: 'authenticator-removed',
}

const allowed = list(base64url({ max: 1023 }), { max: 100 })

/** Under the name of the change, so that an answer that is sent again tells nothing twice. */
async function tell(
  { notices, clock, onNotice }: AuthenticatorParts,
  change: AuthenticatorChange,
): Promise<void> {
  const notice = {
    notice_id: change.handle_digest,
    signer_id: change.signer_id,
    kind: NOTICE[kindOf(change)],
    at: epochSeconds(clock()),
  }
  await notices.add(notice)
  onNotice(notice)
}

// Only this file writes the column, and only with these words.
const kindOf = ({ kind }: AuthenticatorChange): Kind => kind as Kind
