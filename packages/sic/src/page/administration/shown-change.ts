/**
 * What a change means, for the person who is asked to approve it: each kind as rows, with what is in force now and
 * what is to be (sole-control 8).
 *
 * What is in force comes from the roster whose digest is in the request; a change that does not fit it is shown as it
 * stands, and the SAM refuses it.
 */
import { equal, toHex } from '@natsuin/pki/encoding'
import type { Digest } from '@natsuin/pki/platform'
import { parseCertificate } from '@natsuin/pki/x509'
import {
  type ActKind,
  type Change,
  type ChangeKind,
  type ChangeOf,
  fingerprintOf,
  shortened,
} from '@natsuin/protocol/administration'
import type { Registration } from '@natsuin/protocol/approval'
import type {
  Assurance,
  ClientKey,
  CredentialClass,
  IdentityProvider,
  KnownClient,
  Person,
  Role,
  Roster,
} from '@natsuin/protocol/genesis'
import type { Sentence } from '../../../../../faces/language.ts'
import { approvalNames, basisNames, changeFields, changeTitles, keyNames, roleNames } from './messages.ts'

/** Text that is the same in every language, or not. */
export type Shown = string | Sentence

export interface ShownRow {
  readonly name: Sentence
  /** In force now; absent where nothing was. */
  readonly before?: Shown | undefined
  /** To be; absent where nothing is to be. */
  readonly after?: Shown | undefined
}

export interface ShownChange {
  readonly kind: ChangeKind | ActKind
  readonly title: Sentence
  /** Who or what it is about. */
  readonly about: string
  readonly rows: readonly ShownRow[]
}

type Show<K extends ChangeKind> = (
  change: ChangeOf<K>,
  roster: Roster,
  digest: Digest,
) => Promise<Omit<ShownChange, 'kind' | 'title'>>

const SHOWN: { readonly [K in ChangeKind]: Show<K> } = {
  'person-add': async ({ person: { id, name, roles, registrations } }, _, digest) => ({
    about: name,
    rows: [
      { name: changeFields.id, after: id },
      { name: changeFields.roles, after: rolesIn(roles) },
      ...(await Promise.all(registrations.map(one => fingerprintRow(one, digest)))),
    ],
  }),
  'person-remove': async ({ personId }, roster) => {
    const person = personIn(roster, personId)
    return {
      about: person?.name ?? personId,
      rows: [
        { name: changeFields.id, before: personId },
        { name: changeFields.roles, before: person && rolesIn(person.roles) },
      ],
    }
  },
  'person-roles': async ({ personId, roles }, roster) => {
    const person = personIn(roster, personId)
    return {
      about: person?.name ?? personId,
      rows: [{ name: changeFields.roles, before: person && rolesIn(person.roles), after: rolesIn(roles) }],
    }
  },
  'passkey-add': async ({ personId, registration }, roster, digest) => ({
    about: personIn(roster, personId)?.name ?? personId,
    rows: [await fingerprintRow(registration, digest)],
  }),
  'passkey-remove': async ({ personId, credentialId }, roster) => {
    const person = personIn(roster, personId)
    const passkeys = person?.passkeys ?? []
    const at = passkeys.findIndex(passkey => equal(passkey.credentialId, credentialId))
    const place = `${at + 1} / ${passkeys.length} (${shortened(credentialId)})`
    return {
      about: person?.name ?? personId,
      rows: [{ name: changeFields.removedPasskey, before: place }],
    }
  },
  'quorum-set': async ({ quorum }, roster) => ({
    about: '',
    rows: [{ name: changeFields.quorum, before: String(roster.quorum), after: String(quorum) }],
  }),
  'class-set': async ({ class: given }, { classes }) => {
    const before = classes.find(({ id }) => id === given.id)
    return { about: given.id, rows: differing(before && classRows(before), classRows(given)) }
  },
  'class-remove': async ({ classId }, { classes }) => {
    const before = classes.find(({ id }) => id === classId)
    return { about: classId, rows: before === undefined ? [] : differing(classRows(before), []) }
  },
  'client-set': async ({ client }, { clients }, digest) => {
    const before = clients.find(({ id }) => id === client.id)
    const rows = await clientRows(client, digest)
    return { about: client.name, rows: differing(before && (await clientRows(before, digest)), rows) }
  },
  'client-remove': async ({ clientId }, { clients }, digest) => {
    const before = clients.find(({ id }) => id === clientId)
    const rows = before === undefined ? [] : await clientRows(before, digest)
    return { about: before?.name ?? clientId, rows: differing(rows, []) }
  },
  'provider-set': async ({ provider }, { providers = [] }, digest) => {
    const before = providers.find(({ id }) => id === provider.id)
    const rows = await providerRows(provider, digest)
    return { about: provider.name, rows: differing(before && (await providerRows(before, digest)), rows) }
  },
  'provider-remove': async ({ providerId }, { providers = [] }, digest) => {
    const before = providers.find(({ id }) => id === providerId)
    const rows = before === undefined ? [] : await providerRows(before, digest)
    return { about: before?.name ?? providerId, rows: differing(rows, []) }
  },
  'trust-anchor-add': async ({ certificate }, _, digest) => ({
    about: subjectOf(certificate),
    rows: [{ name: changeFields.digest, after: toHex(await digest.digest('sha256', certificate)) }],
  }),
  'trust-anchor-remove': async ({ digest: wanted }, { trustAnchors }, digest) => {
    const digests = await Promise.all(trustAnchors.map(one => digest.digest('sha256', one)))
    const certificate = trustAnchors[digests.findIndex(one => equal(one, wanted))]
    return {
      about: certificate === undefined ? '' : subjectOf(certificate),
      rows: [{ name: changeFields.digest, before: toHex(wanted) }],
    }
  },
  'issuer-set': async ({ issuer }, roster) => ({
    about: '',
    rows: [{ name: changeFields.issuer, before: roster.issuer, after: issuer }],
  }),
  'level-set': async ({ maxLevel }, roster) => ({
    about: '',
    rows: [{ name: changeFields.level, before: String(roster.maxLevel), after: String(maxLevel) }],
  }),
  'limits-set': async ({ limits }, roster) => ({
    about: '',
    rows: differing(limitRows(roster.limits), limitRows(limits)),
  }),
}

export async function shownChange(change: Change, roster: Roster, digest: Digest): Promise<ShownChange> {
  // Each row takes the changes of the kind under which it stands.
  const show = SHOWN[change.kind] as Show<ChangeKind>
  return {
    kind: change.kind,
    title: changeTitles[change.kind],
    ...(await show(change as never, roster, digest)),
  }
}

async function fingerprintRow(registration: Registration, digest: Digest): Promise<ShownRow> {
  return { name: changeFields.passkey, after: await fingerprintOf(registration, digest) }
}

const personIn = ({ people }: Roster, id: string): Person | undefined => people.find(one => one.id === id)

interface NamedText {
  readonly name: Sentence
  readonly text: Shown
}

function classRows(given: CredentialClass): readonly NamedText[] {
  const { level, keyType, maxSignatures, ticketSeconds, sadSeconds, proofing } = given
  return [
    { name: changeFields.level, text: String(level) },
    { name: changeFields.keyType, text: keyType },
    { name: changeFields.approvals, text: joined(given.approvals.map(kind => approvalNames[kind])) },
    { name: changeFields.bases, text: joined(given.bases.map(basis => basisNames[basis])) },
    { name: changeFields.provider, text: given.provider ?? '' },
    { name: changeFields.keys, text: keyNames[given.keys] },
    { name: changeFields.proofingLevel, text: String(proofing.minLevel) },
    { name: changeFields.proofingAge, text: String(proofing.maxAgeDays) },
    { name: changeFields.maxSignatures, text: String(maxSignatures) },
    { name: changeFields.ticketSeconds, text: String(ticketSeconds) },
    { name: changeFields.sadSeconds, text: String(sadSeconds) },
    { name: changeFields.authenticators, text: makesIn(given) },
  ]
}

function makesIn({ authenticators }: CredentialClass): string {
  return authenticators === undefined ? '' : authenticators.aaguids.map(toHex).join(', ')
}

async function clientRows({ id, name, keys = [], origins = [] }: KnownClient, digest: Digest) {
  return [
    { name: changeFields.id, text: id },
    { name: changeFields.name, text: name },
    { name: changeFields.clientKeys, text: await keysIn(keys, digest) },
    { name: changeFields.origins, text: origins.join(', ') },
  ]
}

async function providerRows(given: IdentityProvider, digest: Digest): Promise<readonly NamedText[]> {
  const { id, name, issuer, authorizationEndpoint, tokenEndpoint, clientId, keys, assurances } = given
  return [
    { name: changeFields.id, text: id },
    { name: changeFields.name, text: name },
    { name: changeFields.providerIssuer, text: issuer },
    { name: changeFields.authorizationEndpoint, text: authorizationEndpoint },
    { name: changeFields.tokenEndpoint, text: tokenEndpoint },
    { name: changeFields.clientId, text: clientId },
    { name: changeFields.providerKeys, text: await keysIn(keys, digest) },
    { name: changeFields.assurances, text: assurances.map(assuranceIn).join('; ') },
  ]
}

async function keysIn(keys: readonly ClientKey[], digest: Digest): Promise<string> {
  const print = async ({ kid, publicKey }: ClientKey) =>
    `${kid} (${shortened(await digest.digest('sha256', publicKey))})`
  return (await Promise.all(keys.map(print))).join(', ')
}

/** In the provider's own words, which have no translation. */
const assuranceIn = ({ level, acrs = [], amrs = [] }: Assurance) =>
  [`${level}`, ...(acrs.length > 0 ? [`acr ${acrs.join('|')}`] : []), ...amrs.map(amr => `amr ${amr}`)].join(
    ' ',
  )

const limitRows = ({ requestHours, grantHours }: Roster['limits']): readonly NamedText[] => [
  { name: changeFields.requestHours, text: String(requestHours) },
  { name: changeFields.grantHours, text: String(grantHours) },
]

/** The rows whose texts differ; all of them where there was nothing, or where nothing is to be. */
function differing(before: readonly NamedText[] | undefined, after: readonly NamedText[]): ShownRow[] {
  const names = (before ?? after).length > 0 ? (before ?? after) : after
  return names.flatMap(({ name }) => {
    const [old, next] = [textIn(before, name), textIn(after, name)]
    if (isSame(old, next)) return []
    return [{ name, before: old, after: next }]
  })
}

function textIn(rows: readonly NamedText[] | undefined, name: Sentence): Shown | undefined {
  const text = rows?.find(row => row.name === name)?.text
  return text === '' ? undefined : text
}

const isSame = (one: Shown | undefined, other: Shown | undefined) =>
  JSON.stringify(one) === JSON.stringify(other)

const rolesIn = (roles: readonly Role[]): Sentence => joined(roles.map(role => roleNames[role]))

function joined(sentences: readonly Sentence[]): Sentence {
  return {
    ja: sentences.map(({ ja }) => ja).join('、'),
    en: sentences.map(({ en }) => en).join(', '),
  }
}

/** The name in a certificate; empty where there is none. */
function subjectOf(certificate: Uint8Array): string {
  try {
    return parseCertificate(certificate).subject.text
  } catch {
    return ''
  }
}
