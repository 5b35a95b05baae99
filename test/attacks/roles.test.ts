/**
 * What people of the roster may do, role by role and operation by operation (T-ADM-01; sole-control 8; EN 419
 * 241-1:2018, SRG_M.1).
 *
 * The attacker is somebody with a role: his passkey is genuine, and he tries each operation with it. An operation that
 * is in no table does not compile.
 */
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { registration } from '@natsuin/protocol/approval'
import type { Role } from '@natsuin/protocol/genesis'
import type { SapMethod, SapRefusal } from '@natsuin/protocol/sap'
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from '@natsuin/testing/authenticator'
import {
  addDevice,
  administerStatementBytes,
  answer,
  byPasskey,
  classOf,
  enrolStatementBytes,
  grantFor,
  grantStatementBytes,
  invite,
  loadDevice,
  openAdministration,
  propose,
  register,
  removeAuthenticatorStatementBytes,
  showMeans,
} from '@natsuin/testing/deployment'
import { approval, assertRefused, openStage, type Stage, seenItems, signs } from './stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ classes: [classOf(3), classOf(2)] })
})
after(() => stage.close())

/** Somebody of the roster. */
interface Insider {
  readonly id: string
  readonly role: Role
  readonly device: SoftwareAuthenticator
}

type Attempt = (insider: Insider) => Promise<unknown>

interface Rule {
  /** Whose passkey the operation is done with: of whom of the roster, of a signer, or of nobody at all. */
  readonly by: readonly Role[] | 'signers' | 'nobody'
  readonly attempt?: Attempt
  readonly refusal?: SapRefusal
}

const vouched = async ({ device }: Insider, officerId: string) => {
  const { ticket } = await stage.sam.call('tickets/grant', { officerId })
  const grant = grantFor(
    { commonName: 'Somebody', countryName: 'JP' },
    classOf(2),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  )
  return answer(grantStatementBytes(ticket, grant), { device, origin: stage.deployment.urls.approval })
}

/** Each operation of SAP, and who of the roster may do it. */
const RULES: Readonly<Record<SapMethod, Rule>> = {
  info: { by: 'nobody' },
  'algorithms/list': { by: 'nobody' },
  checkpoints: { by: 'nobody' },
  // Take power away, or give out what is signed by others; whoever carries messages may ask.
  'credentials/revoke': { by: 'nobody' },
  'providers/log-out': { by: 'nobody' },
  'keys/destroy': { by: 'nobody' },
  'keys/import-key': { by: 'nobody' },
  'certificates/link': { by: 'nobody' },
  'tickets/approve': { by: 'nobody' },
  'tickets/sent-code': { by: 'nobody' },
  'tickets/enrol': { by: 'nobody' },
  'tickets/add-authenticator': { by: 'nobody' },
  'tickets/remove-authenticator': { by: 'nobody' },
  'authenticators/list': { by: 'nobody' },
  evidence: { by: 'nobody' },
  // A bearer value that only an approval yields.
  'sads/extend': { by: 'nobody' },
  sign: { by: 'nobody' },
  approve: {
    by: 'signers',
    refusal: 'authenticator-unknown',
    attempt: async ({ device }) => {
      const answered = await approval(stage, stage.alice, await seenItems('contract.pdf'), { device })
      return stage.sam.call('approve', byPasskey(answered))
    },
  },
  enrol: {
    by: 'signers',
    refusal: 'authenticator-registered',
    attempt: async ({ id }) => {
      const { grantId, enrolmentKey } = await invite(stage.deployment, { commonName: 'Alice Victim' })
      const { ticket } = await stage.sam.call('tickets/enrol', { grantId })
      const statement = enrolStatementBytes(ticket)
      const options = { device: createSoftwareAuthenticator(), origin: stage.deployment.urls.approval }
      const own = await register(statement, enrolmentKey, options)
      // With attestation "none" nothing ties a passkey to the challenge: his own can be put under this one.
      const { attestationObject } = registeredAtGenesis(id)
      const passkey = { ...own.means.passkey, attestationObject }
      return stage.sam.call('enrol', await showMeans(statement, { passkey }, enrolmentKey))
    },
  },
  'authenticators/add': {
    by: 'signers',
    refusal: 'authenticator-unknown',
    attempt: async ({ device: by }) => {
      const { ticket } = await stage.sam.call('tickets/add-authenticator', { signerId: stage.alice.signerId })
      const origin = stage.deployment.urls.approval
      const added = { device: createSoftwareAuthenticator(), label: 'Mine', origin }
      return stage.sam.call('authenticators/add', addDevice(ticket, added, { device: by, origin }))
    },
  },
  'authenticators/remove': {
    by: 'signers',
    refusal: 'authenticator-unknown',
    attempt: async ({ device }) => {
      const { signerId } = stage.alice
      const { authenticators } = await stage.sam.call('authenticators/list', { signerId })
      const authenticatorId = authenticators[0]?.id ?? ''
      const { ticket } = await stage.sam.call('tickets/remove-authenticator', { signerId, authenticatorId })
      const statement = removeAuthenticatorStatementBytes(ticket)
      const answered = answer(statement, { device, origin: stage.deployment.urls.approval })
      return stage.sam.call('authenticators/remove', answered)
    },
  },
  'tickets/administer': {
    by: ['security-officer'],
    refusal: 'role-refused',
    attempt: async ({ id: personId }) => {
      const requestId = await proposed()
      return stage.sam.call('tickets/administer', { requestId, personId })
    },
  },
  // Who gets no ticket answers a security officer's.
  administer: {
    by: ['security-officer'],
    refusal: 'authenticator-unknown',
    attempt: async ({ role, id, device }) => {
      const requestId = await proposed()
      const personId = role === 'security-officer' ? id : 'security-officer-2'
      const { ticket, request } = await stage.sam.call('tickets/administer', { requestId, personId })
      const options = { device, origin: stage.deployment.urls.approval }
      return stage.sam.call('administer', answer(administerStatementBytes(ticket, request), options))
    },
  },
  'tickets/grant': {
    by: ['registration-officer'],
    refusal: 'role-refused',
    attempt: ({ id }) => stage.sam.call('tickets/grant', { officerId: id }),
  },
  // Who gets no ticket answers an officer's.
  'grants/submit': {
    by: ['registration-officer'],
    refusal: 'authenticator-unknown',
    attempt: async insider => {
      const officer = insider.role === 'registration-officer' ? insider.id : 'officer-2'
      return stage.sam.call('grants/submit', { approvals: [await vouched(insider, officer)] })
    },
  },
}

async function proposed(): Promise<string> {
  const channel = openAdministration(stage.deployment)
  const changes = [{ kind: 'class-set', class: classOf(1) }] as const
  const { requestId } = await propose(channel, { kind: 'amend', changes })
  channel.close()
  return requestId
}

function registeredAtGenesis(id: string) {
  const file = join(stage.deployment.directory, 'founding.json')
  const { people } = JSON.parse(readFileSync(file, 'utf8')) as {
    people: readonly { id: string; registrations: readonly unknown[] }[]
  }
  return registration(people.find(person => person.id === id)?.registrations[0])
}

const PEOPLE: Readonly<Record<Role, string>> = {
  'security-officer': 'security-officer-1',
  'system-administrator': 'administrator',
  'system-operator': 'operator',
  'system-auditor': 'auditor',
  'registration-officer': 'officer-1',
}

describe('an operation of the SAM (T-ADM-01)', () => {
  for (const [method, { by, attempt, refusal }] of Object.entries(RULES)) {
    if (attempt === undefined || refusal === undefined) continue
    for (const [role, id] of Object.entries(PEOPLE) as [Role, string][]) {
      const allowed = by !== 'signers' && by !== 'nobody' && by.includes(role)
      it(`${method} is ${allowed ? 'open to' : 'refused to'} a ${role}`, async () => {
        const insider = { id, role, device: loadDevice(stage.deployment.directory, id) }
        if (allowed) await attempt(insider)
        else await assertRefused(stage, refusal, () => attempt(insider))
      })
    }
  }

  it('goes on for the signer herself', () => signs(stage, stage.alice))
})
