/**
 * What a deployment is founded on, before the first key exists (sole-control 8): the roster, with the officers'
 * registrations instead of their keys.
 *
 * Each officer's passkey was registered on the approval origin over a challenge that names the deployment and the
 * officer; it is checked like every other registration, and only its key goes into the roster.
 */
import { toHex, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { identifier, registration, visibleText } from '@natsuin/protocol/approval'
import { credentialClass, knownClient, type Officer, type Roster } from '@natsuin/protocol/genesis'
import { ConfigurationError } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { base64url, flag, list, oneOf, record, type Shaped, text } from '@natsuin/protocol/shape'
import { problemsOfClass } from '../roster/class-rules.ts'
import { checkBackup } from '../webauthn/check-authenticator.ts'
import { checkRegistration } from '../webauthn/registration.ts'

const candidate = record({ id: identifier, name: visibleText(255), registration })

export const founding = record({
  v: oneOf(1),
  deployment: visibleText(255),
  environment: oneOf('production', 'test'),
  maxLevel: oneOf(1, 2, 3),
  rpId: text({ max: 253 }),
  approvalOrigin: text({ max: 300, pattern: /^https?:\/\/[^/]+$/ }),
  softwareModule: flag,
  officers: list(candidate, { min: 1, max: 100 }),
  classes: list(credentialClass, { min: 1, max: 100 }),
  clients: list(knownClient, { max: 10_000 }),
  trustAnchors: list(base64url({ max: 16384 }), { min: 1, max: 20 }),
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
  const problems = [...problemsOf(given, softwareModule)]
  if (problems.length > 0) throw new FoundingError(problems)
  const officers = given.officers.map(officer => officerOf(officer, given))
  // Two officers are two passkeys: attestation "none" would let one be registered in two names.
  if (isRepeating(officers.map(({ publicKey }) => toHex(publicKey)))) {
    throw new FoundingError(['officers: a passkey twice'])
  }
  const { v, deployment, environment, maxLevel, rpId, approvalOrigin, classes, clients, trustAnchors } = given
  // In the order of the roster's shape: its digest is over these bytes, and readers write them again like that.
  return {
    v,
    deployment,
    environment,
    maxLevel,
    rpId,
    approvalOrigin,
    softwareModule,
    officers,
    classes,
    clients,
    trustAnchors,
  }
}

/** The challenge that an officer's passkey is registered over. */
export function officerChallenge(deployment: string, officerId: string): Uint8Array {
  return digestSync('sha256', utf8(`natsuin-genesis-v1\n${deployment}\n${officerId}`))
}

function officerOf(
  { id, name, registration: given }: Founding['officers'][number],
  where: Founding,
): Officer {
  const challenge = officerChallenge(where.deployment, id)
  try {
    const passkey = checkRegistration(given, { challenge, relyingParty: where })
    const { credentialId, publicKey, algorithm, backupEligible } = passkey
    checkBackup(backupEligible, backupEligible, where.maxLevel)
    if (algorithm === 'ecdsa-sha256') return { id, name, credentialId, publicKey }
  } catch (error) {
    if (error instanceof Refusal) throw new FoundingError([`officer ${id}: ${error.code}`])
    throw error
  }
  throw new FoundingError([`officer ${id}: the passkey is not an ES256 one`])
}

function* problemsOf(given: Founding, softwareModule: boolean): Generator<string> {
  const { environment, maxLevel, approvalOrigin, rpId, classes, officers } = given
  if (given.softwareModule !== softwareModule) {
    yield `softwareModule: the module says ${softwareModule}`
  }
  if (softwareModule && environment === 'production' && maxLevel > 1) yield SOFTWARE_IS_LEVEL_1
  for (const { id, level } of classes)
    if (level > maxLevel) yield `class ${id}: level ${level} is above maxLevel`
  for (const credentialClass of classes) yield* problemsOfClass(credentialClass)
  if (new URL(approvalOrigin).hostname !== rpId) yield 'rpId: not the host name of approvalOrigin, exactly'
  if (maxLevel === 3 && officers.length < 2) yield 'officers: level 3 needs two'
  for (const [what, ids] of Object.entries(identifiersOf(given))) {
    if (isRepeating(ids)) yield `${what}: an id twice`
  }
}

const isRepeating = (values: readonly string[]) => new Set(values).size !== values.length

/** requirements 3.2: a software module proves nothing above level 1, except in tests. */
export const SOFTWARE_IS_LEVEL_1 = 'maxLevel: in production a software module is level 1 and no more'

const identifiersOf = ({ officers, classes, clients }: Founding) => ({
  officers: officers.map(({ id }) => id),
  classes: classes.map(({ id }) => id),
  clients: clients.map(({ id }) => id),
})
