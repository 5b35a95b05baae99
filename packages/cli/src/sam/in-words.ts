/** Requests, rosters and refusals as the terminal tells them. */

import { toHex } from '@natsuin/pki/encoding'
import { parseCertificate } from '@natsuin/pki/x509'
import {
  type Act,
  type ActKind,
  type ActOf,
  type Change,
  type ChangeKind,
  type ChangeOf,
  shortened,
} from '@natsuin/protocol/administration'
import type {
  CredentialClass,
  IdentityProvider,
  KnownClient,
  Person,
  Roster,
} from '@natsuin/protocol/genesis'
import type { Amendment, Proposal } from '@natsuin/protocol/sap'

const REFUSALS: Readonly<Record<string, string>> = {
  'request-unknown':
    'The SAM knows no such request: it was withdrawn, ran out, or the SAM was restarted since.',
  'request-expired': 'The request has run out. Propose it again.',
  'request-closed': 'The request has come to its end already.',
  'request-approved-already': 'This person has approved the request already.',
  'request-about-oneself': 'Nobody approves what is about himself.',
  'roster-changed': 'The roster has changed since the request was made. Propose it again.',
  'change-refused': 'What was asked for does not fit what there is any more. Propose it again.',
  'person-unknown': 'There is nobody of that id in the roster.',
  'role-refused': 'This person’s roles do not allow that.',
  'credential-unknown': 'There is no such credential.',
  'credential-revoked': 'The credential is revoked.',
  'retention-running': 'What he signed has to be provable for longer: retentionDays have not passed.',
  'key-destroyed': 'The key is destroyed.',
  'certificate-mismatch':
    'The certificate is not for this key in this name, leads to no root of the roster, or another one is linked already.',
  'certificate-expired': 'The certificate is not valid now.',
  'ticket-expired': 'The ticket has run out. Ask for the link once more.',
  'ticket-spent': 'This answer was handed in already.',
  'restore-not-approved':
    'The SAM’s keys were restored, and nobody has agreed yet that it acts again (natsuin sam resume).',
  'backup-unknown': 'There is no backup of that key here.',
  'record-altered':
    'What is stored was altered outside the SAM. Treat it as an attack until shown otherwise.',
}

export function refusalInWords(code: string): string {
  return REFUSALS[code] ?? `The SAM refused: ${code}.`
}

export function rosterLines(roster: Roster, digest: Uint8Array): readonly string[] {
  const { deployment, version, environment, maxLevel, quorum, people, classes, clients } = roster
  const { providers = [], trustAnchors, limits, issuer, approvalOrigin } = roster
  return [
    `${deployment}: roster version ${version}, ${environment}, up to level ${maxLevel}`,
    `  digest ${toHex(digest)}`,
    `  ${quorum} security officers have to agree to a change`,
    `  server ${issuer}, approval page ${approvalOrigin}`,
    `  invitations last ${limits.grantHours} hours, requests wait ${limits.requestHours} hours at most`,
    '',
    'People',
    ...people.flatMap(personLines),
    '',
    'Classes of credentials',
    ...classes.map(classLine),
    '',
    'Applications',
    ...clients.map(clientLine),
    '',
    ...(providers.length > 0 ? ['Identity providers', ...providers.map(providerLine), ''] : []),
    'Trusted roots',
    ...trustAnchors.map(one => `  ${subjectOf(one)}`),
  ]
}

function personLines({ id, name, roles, passkeys }: Person): readonly string[] {
  return [
    `  ${id}  ${name}  (${roles.join(', ')})`,
    ...passkeys.map(({ credentialId }, at) => `      passkey ${at + 1}: ${shortened(credentialId)}`),
  ]
}

function classLine(given: CredentialClass): string {
  const { id, level, keyType, approvals, bases, keys, proofing } = given
  const words = [`level ${level}`, keyType, `keys ${keys}`, approvals.join('+'), bases.join('+')]
  return `  ${id}  ${words.join(', ')}, proofing ${proofing.minLevel} within ${proofing.maxAgeDays} days`
}

function clientLine({ id, name, keys = [], origins = [] }: KnownClient): string {
  const more = [...keys.map(({ kid }) => `key ${kid}`), ...origins]
  return `  ${id}  ${name}${more.length === 0 ? '' : `  (${more.join(', ')})`}`
}

function providerLine({ id, name, issuer, clientId, keys, assurances }: IdentityProvider): string {
  const levels = assurances.map(({ level }) => level).join(' and ')
  const kids = keys.map(({ kid }) => `key ${kid}`)
  return `  ${id}  ${name}  (${[issuer, `client ${clientId}`, ...kids, `level ${levels}`].join(', ')})`
}

function subjectOf(certificate: Uint8Array): string {
  try {
    return parseCertificate(certificate).subject.text
  } catch {
    return 'not a certificate'
  }
}

export function proposalLines(proposal: Proposal): readonly string[] {
  const { requestId, request, needed, approvals, state, failure } = proposal
  return [
    `${requestId}  ${failure ?? state}, ${approvals.length} of ${needed}, until ${timeOf(request.notAfter * 1000)}`,
    `  “${request.reason}”`,
    ...actLines(request.act),
  ]
}

export function amendmentLines({
  version,
  rosterDigest,
  request,
  approvers,
  at,
}: Amendment): readonly string[] {
  return [
    `version ${version}  ${timeOf(at)}  “${request.reason}”`,
    ...actLines(request.act),
    `  approved by ${approvers.map(({ id, name }) => `${name} (${id})`).join(', ')}`,
    `  digest ${toHex(rosterDigest)}`,
  ]
}

type Lines<K extends ActKind> = (act: ActOf<K>) => readonly string[]

const ACTS: { readonly [K in ActKind]: Lines<K> } = {
  amend: ({ changes }) => changes.map(one => `  ${one.kind}: ${aboutOf(one)}`),
  'rotate-master-key': ({ kind, replaces }) => [`  ${kind}: ${replaces} is replaced`],
  'resume-after-restore': ({ kind, stateSize, newestAt, restoredAt }) => [
    `  ${kind}: keys restored ${timeOf(restoredAt * 1000)}; the log has ${stateSize} records, the newest of ${timeOf(newestAt)}`,
  ],
  'request-certificates': ({ kind, credentials }) =>
    credentials.map(({ credentialId, subject }) => `  ${kind}: ${subject.commonName} (${credentialId})`),
}

function actLines(act: Act): readonly string[] {
  // Each place takes the acts of the kind under which it stands.
  const lines = ACTS[act.kind] as Lines<ActKind>
  return lines(act as never)
}

type About<K extends ChangeKind> = (change: ChangeOf<K>) => string

const ABOUT: { readonly [K in ChangeKind]: About<K> } = {
  'person-add': ({ person }) => `${person.name} (${person.id}): ${person.roles.join(', ')}`,
  'person-remove': ({ personId }) => personId,
  'person-roles': ({ personId, roles }) => `${personId}: ${roles.join(', ')}`,
  'passkey-add': ({ personId }) => personId,
  'passkey-remove': ({ personId, credentialId }) => `${personId}: ${shortened(credentialId)}`,
  'quorum-set': ({ quorum }) => String(quorum),
  'class-set': ({ class: { id } }) => id,
  'class-remove': ({ classId }) => classId,
  'client-set': ({ client }) => `${client.id}: ${client.name}`,
  'client-remove': ({ clientId }) => clientId,
  'provider-set': ({ provider }) => `${provider.id}: ${provider.issuer}`,
  'provider-remove': ({ providerId }) => providerId,
  'trust-anchor-add': ({ certificate }) => subjectOf(certificate),
  'trust-anchor-remove': ({ digest }) => toHex(digest),
  'issuer-set': ({ issuer }) => issuer,
  'level-set': ({ maxLevel }) => String(maxLevel),
  'limits-set': ({ limits }) => `grants ${limits.grantHours} hours, requests ${limits.requestHours} hours`,
}

function aboutOf(change: Change): string {
  // Each place takes the changes of the kind under which it stands.
  const about = ABOUT[change.kind] as About<ChangeKind>
  return about(change as never)
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString().replace('.000Z', 'Z')
