/**
 * What a roster may be, at genesis and after each amendment (sole-control 8).
 *
 * Each rule yields what is wrong, in sentences, so that whoever founds or changes a deployment hears everything at
 * once.
 */
import { DerError } from '@natsuin/pki/asn1'
import { toHex } from '@natsuin/pki/encoding'
import { parseCertificate } from '@natsuin/pki/x509'
import { problemsOfRoles, type Role, type Roster } from '@natsuin/protocol/genesis'
import { problemsOfClass } from './class-rules.ts'
import { problemsOfClients } from './client-rules.ts'
import { problemsOfClassProvider, problemsOfProviders } from './provider-rules.ts'

type RosterRule = (roster: Roster) => readonly string[]

/** requirements 3.2: a software module proves nothing above level 1, except in tests. */
export const SOFTWARE_IS_LEVEL_1 = 'maxLevel: in production a software module is level 1 and no more'

const RULES: readonly RosterRule[] = [
  ({ softwareModule, environment, maxLevel }) =>
    demand(!(softwareModule && environment === 'production' && maxLevel > 1), SOFTWARE_IS_LEVEL_1),
  ({ approvalOrigin, rpId }) =>
    demand(new URL(approvalOrigin).hostname === rpId, 'rpId: not the host name of approvalOrigin, exactly'),
  ({ people }) => demand(isDistinct(people.map(({ id }) => id)), 'people: an id twice'),
  ({ classes }) => demand(isDistinct(classes.map(({ id }) => id)), 'classes: an id twice'),
  ({ clients }) => demand(isDistinct(clients.map(({ id }) => id)), 'clients: an id twice'),
  ({ people }) => people.flatMap(problemsOfRoles),
  // Two people are two passkeys: attestation "none" would let one be registered in two names (T-ADM-02).
  ({ people }) => {
    const passkeys = people.flatMap(person => person.passkeys)
    const isOne = (name: 'publicKey' | 'credentialId') => isDistinct(passkeys.map(one => toHex(one[name])))
    return demand(isOne('publicKey') && isOne('credentialId'), 'people: a passkey twice')
  },
  ({ people, maxLevel }) =>
    people
      .filter(({ passkeys }) => maxLevel === 3 && passkeys.some(({ backupEligible }) => backupEligible))
      .map(({ id }) => `person ${id}: at level 3 a passkey that can leave its device`),
  roster =>
    demand(
      countOf(roster, 'security-officer') >= roster.quorum,
      'quorum: fewer security officers than have to agree; only a new genesis leads on from there',
    ),
  ({ classes, maxLevel }) =>
    classes
      .filter(({ level }) => level > maxLevel)
      .map(({ id, level }) => `class ${id}: level ${level} is above maxLevel`),
  ({ classes }) => classes.flatMap(problemsOfClass),
  ({ clients }) => problemsOfClients(clients),
  ({ providers = [] }) => problemsOfProviders(providers),
  ({ trustAnchors }) => demand(trustAnchors.every(isCertificate), 'trustAnchors: one is no certificate'),
]

/** Beyond what every roster must be: one of them may be lost, and there is somebody who vouches for people. */
const GENESIS_RULES: readonly RosterRule[] = [
  roster => demand(countOf(roster, 'security-officer') >= 3, 'people: three security officers are needed'),
  roster =>
    demand(
      countOf(roster, 'security-officer') > roster.quorum,
      'quorum: as many security officers as have to agree, so that none may be lost',
    ),
  roster => {
    const needed = roster.maxLevel === 3 ? 2 : 1
    const enough = countOf(roster, 'registration-officer') >= needed
    return demand(enough, `people: level ${roster.maxLevel} needs registration officers: ${needed}`)
  },
  roster => roster.classes.flatMap(one => problemsOfClassProvider(one, roster)),
]

/** Everything that is wrong with the roster, in sentences. */
export function problemsOfRoster(roster: Roster): string[] {
  return RULES.flatMap(rule => rule(roster))
}

/** Everything that is wrong with it as the roster of a genesis. */
export function problemsOfFirstRoster(roster: Roster): string[] {
  return [...RULES, ...GENESIS_RULES].flatMap(rule => rule(roster))
}

export function countOf({ people }: Pick<Roster, 'people'>, role: Role): number {
  return people.filter(({ roles }) => roles.includes(role)).length
}

function isCertificate(der: Uint8Array): boolean {
  try {
    parseCertificate(der)
    return true
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

const demand = (holds: boolean, problem: string): readonly string[] => (holds ? [] : [problem])
const isDistinct = (values: readonly string[]) => new Set(values).size === values.length
