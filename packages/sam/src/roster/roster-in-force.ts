/**
 * The roster in force: the newest that the state log names, and no other (sole-control 8).
 *
 * It is in memory and is not read again, so that nobody who writes to the database changes it while the SAM runs; what
 * is stored is compared before anything that rests on people is begun. While an amendment is on its way, only that is
 * allowed which both rosters allow: power that is about to go is gone.
 */
import { equal, toHex } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { toWire } from '@natsuin/protocol/approval'
import { type IdentityProvider, type Person, type Roster, rosterBytes } from '@natsuin/protocol/genesis'
import { writeJson } from '@natsuin/protocol/shape'
import type { StateMemory } from '../audit/state-memory.ts'
import { refuse } from '../refuse.ts'
import type { SealedRecords } from '../store/sealed-records.ts'
import { mayDo, type PrivilegedOperation } from './permissions.ts'

/** What the state log says of a roster. */
export const rosterDigest = (roster: Roster) => digestSync('sha256', rosterBytes(roster))

/** The id of the record of one version. Each is written once. */
export const rosterId = (version: number) => String(version)

interface Known {
  readonly roster: Roster
  readonly digest: Uint8Array
  readonly clients: ReadonlySet<string>
}

export class RosterInForce {
  readonly #state: StateMemory
  readonly #records: SealedRecords
  #known: Known
  /** What an amendment of this process is about to put into force. */
  #next: Known | undefined
  #isAmending = false

  /** @throws Refusal `record-altered` when the roster that the state log names is not there */
  static async open(records: SealedRecords, state: StateMemory): Promise<RosterInForce> {
    for (let version = 1; version < state.roster.version; version++) {
      registerAll(state, await records.need('roster', rosterId(version)))
    }
    return new RosterInForce(records, state, await readNamed(records, state))
  }

  private constructor(records: SealedRecords, state: StateMemory, known: Known) {
    this.#records = records
    this.#state = state
    this.#known = known
    registerAll(state, known.roster)
  }

  /** @throws Refusal `roster-changed` when another SAM amended it and this one has not caught up yet */
  get current(): Roster {
    return this.#current().roster
  }

  get digest(): Uint8Array {
    return this.#current().digest
  }

  isClient(clientId: string): boolean {
    return this.#current().clients.has(clientId)
  }

  /** Somebody who may do this, with the passkeys that he may do it with. @throws Refusal `person-unknown`, `role-refused` */
  permitted(personId: string, operation: PrivilegedOperation): Person {
    const person = permittedIn(this.current, personId, operation)
    if (this.#next === undefined) return person
    const next = permittedIn(this.#next.roster, personId, operation)
    const stays = new Set(next.passkeys.map(({ publicKey }) => toHex(publicKey)))
    return { ...person, passkeys: person.passkeys.filter(({ publicKey }) => stays.has(toHex(publicKey))) }
  }

  /** An identity provider, unless it is about to go. */
  provider(providerId: string): IdentityProvider | undefined {
    const found = providerIn(this.current, providerId)
    const stays = this.#next === undefined || providerIn(this.#next.roster, providerId) !== undefined
    return stays ? found : undefined
  }

  /** That a provider is in force as it was when somebody was told of it. @throws Refusal `provider-unknown` */
  checkProvider(told: IdentityProvider): void {
    const found = this.provider(told.id)
    if (found === undefined || !isSame(found, told)) throw refuse('provider-unknown')
  }

  /** Whether another SAM amended the roster. */
  get isBehind(): boolean {
    return this.#named() === undefined
  }

  /** Takes over what another SAM put into force. @throws Refusal `record-altered` */
  async catchUp(): Promise<void> {
    if (this.isBehind) this.#adopt(await readNamed(this.#records, this.#state))
  }

  /** That what is stored is what is in force (T-ADM-07). @throws Refusal `record-altered` */
  async checkStored(): Promise<void> {
    await readNamed(this.#records, this.#state)
  }

  /** From now on only what this one allows too is allowed; for good, unless another amendment comes. */
  prepare(next: Roster): void {
    this.#next = knownOf(next)
  }

  /** Runs an amendment; one at a time. @throws Refusal `roster-changed`, and what the amendment throws */
  async amending(version: number, amend: () => Promise<void>): Promise<void> {
    if (this.#isAmending || version !== this.current.version + 1) throw refuse('roster-changed')
    this.#isAmending = true
    try {
      await amend()
    } finally {
      this.#isAmending = false
    }
  }

  #current(): Known {
    const named = this.#named()
    if (named === undefined) throw refuse('roster-changed')
    if (named !== this.#known) this.#adopt(named)
    return this.#known
  }

  #named(): Known | undefined {
    const { digest } = this.#state.roster
    return [this.#known, this.#next].find(known => known !== undefined && equal(known.digest, digest))
  }

  #adopt(known: Known): void {
    this.#known = known
    this.#next = undefined
    registerAll(this.#state, known.roster)
  }
}

const providerIn = ({ providers = [] }: Roster, providerId: string) =>
  providers.find(({ id }) => id === providerId)

const isSame = (one: IdentityProvider, other: IdentityProvider) =>
  equal(writeJson(toWire(one)), writeJson(toWire(other)))

function permittedIn({ people }: Roster, personId: string, operation: PrivilegedOperation): Person {
  const person = people.find(({ id }) => id === personId)
  if (person === undefined) throw refuse('person-unknown')
  if (!mayDo(person, operation)) throw refuse('role-refused')
  return person
}

async function readNamed(records: SealedRecords, { roster: named }: StateMemory): Promise<Known> {
  const known = knownOf(await records.need('roster', rosterId(named.version)))
  if (equal(known.digest, named.digest)) return known
  throw refuse('record-altered', { kind: 'roster', version: named.version })
}

function knownOf(roster: Roster): Known {
  return { roster, digest: rosterDigest(roster), clients: new Set(roster.clients.map(({ id }) => id)) }
}

/**
 * Passkeys of people are never signers', also when the people have left (EN 419 241-1:2018, SRG_M.1.5), and a provider
 * that was removed stays removed.
 */
function registerAll(state: StateMemory, { people, providers = [] }: Roster): void {
  for (const { publicKey } of people.flatMap(({ passkeys }) => passkeys)) {
    state.registerInRoster(digestSync('sha256', publicKey))
  }
  for (const { id } of providers) state.registerProvider(id)
}
