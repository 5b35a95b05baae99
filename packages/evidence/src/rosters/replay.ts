/**
 * What changes make of a roster: this verifier's own reading of them, one row for each kind.
 *
 * It need not know which changes are allowed. The SAM refused the others, and the log holds the digest of what came
 * out: a roster that is not the one of the log is no roster.
 */
import { equal } from '@natsuin/pki/encoding'
import type { Change, ChangeKind, ChangeOf } from '@natsuin/protocol/administration'
import { personStatement, type Registration, toWire } from '@natsuin/protocol/approval'
import {
  type Person,
  type PersonPasskey,
  type Roster,
  roster as rosterShape,
} from '@natsuin/protocol/genesis'
import type { Sam } from '../sam.ts'
import { checkRegistration } from '../webauthn/registration.ts'

type Replay<K extends ChangeKind> = (
  roster: Roster,
  change: ChangeOf<K>,
  sam: Sam,
) => Promise<Partial<Roster>>

const REPLAYS: { readonly [K in ChangeKind]: Replay<K> } = {
  'person-add': async ({ people }, { person: { id, name, roles, registrations } }, sam) => {
    const passkeys = await Promise.all(registrations.map(one => passkeyIn(one, id, sam)))
    return { people: [...people, { id, name, roles, passkeys }] }
  },
  'person-remove': async ({ people }, { personId }) => ({
    people: people.filter(({ id }) => id !== personId),
  }),
  'person-roles': async ({ people }, { personId, roles }) => ({
    people: people.map(one => (one.id === personId ? { ...one, roles } : one)),
  }),
  'passkey-add': async ({ people }, { personId, registration }, sam) => {
    const added = await passkeyIn(registration, personId, sam)
    return { people: withPasskeys(people, personId, passkeys => [...passkeys, added]) }
  },
  'passkey-remove': async ({ people }, { personId, credentialId }) => ({
    people: withPasskeys(people, personId, passkeys =>
      passkeys.filter(one => !equal(one.credentialId, credentialId)),
    ),
  }),
  'quorum-set': async (_, { quorum }) => ({ quorum }),
  'class-set': async ({ classes }, { class: given }) => ({ classes: placed(classes, given) }),
  'class-remove': async ({ classes }, { classId }) => ({
    classes: classes.filter(({ id }) => id !== classId),
  }),
  'client-set': async ({ clients }, { client }) => ({ clients: placed(clients, client) }),
  'client-remove': async ({ clients }, { clientId }) => ({
    clients: clients.filter(({ id }) => id !== clientId),
  }),
  'provider-set': async ({ providers = [] }, { provider }) => ({ providers: placed(providers, provider) }),
  'provider-remove': async ({ providers = [] }, { providerId }) => ({
    providers: providers.filter(({ id }) => id !== providerId),
  }),
  'trust-anchor-add': async ({ trustAnchors }, { certificate }) => ({
    trustAnchors: [...trustAnchors, certificate],
  }),
  'trust-anchor-remove': async ({ trustAnchors }, { digest }, { platform }) => {
    const digests = await Promise.all(trustAnchors.map(one => platform.digest('sha256', one)))
    return { trustAnchors: trustAnchors.filter((_, i) => !equal(digests[i] ?? digest, digest)) }
  },
  'issuer-set': async (_, { issuer }) => ({ issuer }),
  'level-set': async (_, { maxLevel }) => ({ maxLevel }),
  'limits-set': async (_, { limits }) => ({ limits }),
}

/** The next version. @param sam with the roster that the changes start from */
export async function replay(changes: readonly Change[], sam: Sam): Promise<Roster> {
  let { roster } = sam
  for (const change of changes) {
    // Each row takes the changes of the kind under which it stands.
    const row = REPLAYS[change.kind] as Replay<ChangeKind>
    roster = { ...roster, ...(await row(roster, change as never, sam)) }
  }
  // In the order of the shape, whichever members came in between: the digest is over that.
  return rosterShape(toWire({ ...roster, version: roster.version + 1 }))
}

async function passkeyIn(registration: Registration, personId: string, sam: Sam): Promise<PersonPasskey> {
  const statement = personStatement(sam.roster.deployment, personId)
  const { credentialId, publicKey, algorithm, backupEligible } = await checkRegistration(
    statement,
    registration,
    sam,
  )
  return { credentialId, publicKey, algorithm, backupEligible }
}

function withPasskeys(
  people: readonly Person[],
  personId: string,
  change: (passkeys: Person['passkeys']) => Person['passkeys'],
): readonly Person[] {
  return people.map(one => (one.id === personId ? { ...one, passkeys: change(one.passkeys) } : one))
}

/** In the place of the one with its id, or at the end. */
function placed<T extends { readonly id: string }>(all: readonly T[], given: T): readonly T[] {
  const at = all.findIndex(({ id }) => id === given.id)
  return at < 0 ? [...all, given] : all.with(at, given)
}
