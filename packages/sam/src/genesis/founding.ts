/**
 * What a deployment is founded on, before the first key exists (sole-control 8): the roster, with people's
 * registrations instead of their keys.
 *
 * Each passkey was registered on the approval origin over a challenge that names the deployment and the person; it is
 * checked like every other registration, and only its key goes into the roster.
 */
import { type Candidate, candidate } from '@natsuin/protocol/administration'
import { toWire, visibleText } from '@natsuin/protocol/approval'
import {
  credentialClass,
  identityProvider,
  knownClient,
  limits,
  type Person,
  type Roster,
  roster as rosterShape,
} from '@natsuin/protocol/genesis'
import { backupTerms } from '@natsuin/protocol/keys'
import { ConfigurationError } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import {
  base64url,
  flag,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shaped,
  text,
} from '@natsuin/protocol/shape'
import { problemsOfBackup } from '../keys/backup/backup-rules.ts'
import { registeredPasskey } from '../roster/registered-passkey.ts'
import { problemsOfFirstRoster } from '../roster/roster-rules.ts'

export const founding = record({
  v: oneOf(1),
  deployment: visibleText(255),
  environment: oneOf('production', 'test'),
  maxLevel: oneOf(1, 2, 3),
  rpId: text({ max: 253 }),
  approvalOrigin: text({ max: 300, pattern: /^https?:\/\/[^/]+$/ }),
  issuer: text({ max: 300, pattern: /^https?:\/\/[^/]+$/ }),
  softwareModule: flag,
  quorum: integer({ min: 2, max: 20 }),
  people: list(candidate, { min: 1, max: 200 }),
  classes: list(credentialClass, { min: 1, max: 100 }),
  clients: list(knownClient, { max: 10_000 }),
  providers: optional(list(identityProvider, { max: 20 })),
  trustAnchors: list(base64url({ max: 16384 }), { min: 1, max: 20 }),
  limits,
  /** For whom a backup of the SAM's keys is made. Keys of which none is made now are never backed up. */
  backup: optional(backupTerms),
})

export type Founding = Shaped<typeof founding>

/** The roster, or what is wrong with the founding: everything at once. */
export class FoundingError extends ConfigurationError {
  constructor(problems: readonly string[]) {
    super(problems, 'the deployment cannot be founded like this')
    this.name = 'FoundingError'
  }
}

/** @param softwareModule what the opened module says of itself @throws FoundingError */
export function rosterOf(given: Founding, softwareModule: boolean): Roster {
  const problems: string[] = []
  const people = given.people.map(one => admit(one, given, problem => problems.push(problem)))
  const {
    v,
    deployment,
    environment,
    maxLevel,
    rpId,
    approvalOrigin,
    issuer,
    quorum,
    classes,
    clients,
    providers,
    trustAnchors,
  } = given
  const roster: Roster = {
    v,
    version: 1,
    deployment,
    environment,
    maxLevel,
    rpId,
    approvalOrigin,
    issuer,
    softwareModule,
    quorum,
    people,
    classes,
    clients,
    ...(providers && { providers }),
    trustAnchors,
    limits: given.limits,
  }
  if (given.softwareModule !== softwareModule) {
    problems.push(`softwareModule: the module says ${softwareModule}`)
  }
  problems.push(...problemsOfFirstRoster(roster), ...problemsOfBackup(given.backup))
  if (problems.length > 0) throw new FoundingError(problems)
  // In the order of the shape: its digest is over these bytes, and readers write them again like that.
  return rosterShape(toWire(roster))
}

function admit(
  { id, name, roles, registrations }: Candidate,
  where: Founding,
  onProblem: (problem: string) => void,
): Person {
  const passkeys = registrations.flatMap(one => {
    try {
      return [registeredPasskey(one, id, where)]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      onProblem(`person ${id}: ${error.code}`)
      return []
    }
  })
  return { id, name, roles, passkeys }
}
