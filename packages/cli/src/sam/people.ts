/**
 * natsuin sam people — gathers the people of the first roster, before there is a SAM: each registers a passkey at the
 * approval page, and what came of it is looked at here and kept in a file.
 *
 * The file is written after each step, so that this can be interrupted and gone on with on another day.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { equal, fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import {
  type Candidate,
  candidate,
  carriedRegistration,
  fingerprintOf,
  readCarried,
} from '@natsuin/protocol/administration'
import { personStatement, type Registration, toWire } from '@natsuin/protocol/approval'
import { problemsOfRoles, type Role, role } from '@natsuin/protocol/genesis'
import { replaceFile } from '@natsuin/protocol/node'
import { list, parseUnambiguousJson, ShapeError } from '@natsuin/protocol/shape'
import { type Ask, openQuestions } from '../ask.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { registrationLink } from './links.ts'

export const PEOPLE = 'people.json'

export const samPeople: Command = {
  name: 'sam people',
  usage: '[--directory DIR]',
  help: `Gathers the people of the first roster in DIR/${PEOPLE}: asks who they are and what roles they have, prints a
link for each, and takes the code that the approval page shows when a passkey was made. sic has to run (natsuin start
sic); the SAM does not exist yet. Everything is kept at once, so this can be interrupted and gone on with.

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 there are enough people for genesis, 1 not yet, 2 wrong usage.`,

  async run(args, terminal) {
    const directory = directoryIn(args)
    const questions = openQuestions()
    try {
      return (await gatherPeople(directory, questions.ask, terminal)) ? 0 : 1
    } finally {
      questions.close()
    }
  },
}

/** Whether there are enough of them when it is done. @throws UsageError */
export async function gatherPeople(directory: string, ask: Ask, terminal: Terminal): Promise<boolean> {
  return await gather({ directory, where: placeIn(directory), people: peopleIn(directory) }, ask, terminal)
}

/** The people that were gathered, if they are enough for genesis. @throws UsageError */
export function gatheredPeople(directory: string): readonly Candidate[] | undefined {
  const gathering = { directory, where: placeIn(directory), people: peopleIn(directory) }
  return missingIn(gathering).length === 0 ? gathering.people : undefined
}

/** What of the founding a registration is bound to. */
interface Place {
  readonly deployment: string
  readonly approvalOrigin: string
  readonly maxLevel: number
}

interface Gathering {
  readonly directory: string
  readonly where: Place
  people: readonly Candidate[]
}

function directoryIn(args: readonly string[]): string {
  const options = { directory: { type: 'string', default: DEFAULT_DIRECTORY } } as const
  try {
    return resolve(parseArgs({ args: [...args], options }).values.directory)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** @throws UsageError */
function placeIn(directory: string): Place {
  const file = join(directory, 'founding.json')
  if (!existsSync(file)) throw new UsageError(`${file} is not there; natsuin init writes it.`)
  const { deployment, approvalOrigin, maxLevel } = parseUnambiguousJson(readFileSync(file, 'utf8')) as Place
  return { deployment, approvalOrigin, maxLevel }
}

const people = list(candidate, { max: 200 })

function peopleIn(directory: string): readonly Candidate[] {
  const file = join(directory, PEOPLE)
  if (!existsSync(file)) return []
  try {
    return people(parseUnambiguousJson(readFileSync(file, 'utf8')))
  } catch (error) {
    throw error instanceof ShapeError ? new UsageError(`${file}: ${error.message}`) : error
  }
}

async function keep(gathering: Gathering, changed: readonly Candidate[]): Promise<void> {
  gathering.people = changed
  const file = join(gathering.directory, PEOPLE)
  await replaceFile(file, `${JSON.stringify(toWire(changed), null, 2)}\n`, 0o644)
}

const ACTS: Readonly<Record<string, (gathering: Gathering, ask: Ask, terminal: Terminal) => Promise<void>>> =
  {
    add: addPerson,
    passkey: addPasskey,
    remove: removePerson,
  }

async function gather(gathering: Gathering, ask: Ask, terminal: Terminal): Promise<boolean> {
  for (;;) {
    const missing = missingIn(gathering)
    terminal.out(
      ['', ...(await linesOf(gathering)), ...missing.map(one => `  still needed: ${one}`)].join('\n'),
    )
    const byDefault = missing.length === 0 ? 'done' : 'add'
    const answer = await ask('add somebody, one more passkey, remove somebody, or done?', byDefault)
    const act = ACTS[answer]
    if (act !== undefined) await act(gathering, ask, terminal)
    else if (answer === 'done') return missing.length === 0
    else terminal.out('Answer add, passkey, remove or done.')
  }
}

async function linesOf({ where, people: all, directory }: Gathering): Promise<readonly string[]> {
  const title = `${where.deployment}: people of the first roster (${join(directory, PEOPLE)})`
  return [title, ...(await peopleLines(all))]
}

/** Each with his roles and the fingerprints of his passkeys. */
export function peopleLines(all: readonly Candidate[]): Promise<readonly string[]> {
  return Promise.all(
    all.map(async ({ id, name, roles, registrations }) => {
      const prints = await Promise.all(registrations.map(one => fingerprintOf(one, nodePlatform)))
      return `  ${id}  ${name}  (${roles.join(', ')})\n${prints.map(one => `      passkey ${one}`).join('\n')}`
    }),
  )
}

const countOf = (all: readonly Candidate[], wanted: Role) =>
  all.filter(({ roles }) => roles.includes(wanted)).length

/** What genesis will ask for. */
function missingIn({ people: all, where: { maxLevel } }: Gathering): readonly string[] {
  const officers = maxLevel === 3 ? 2 : 1
  const lacking: readonly (readonly [Role, number])[] = [
    ['security-officer', 3],
    ['registration-officer', officers],
  ]
  return lacking.flatMap(([wanted, needed]) => {
    const lacks = needed - countOf(all, wanted)
    return lacks > 0 ? [`${lacks} more with the role ${wanted}`] : []
  })
}

async function addPerson(gathering: Gathering, ask: Ask, { out }: Terminal): Promise<void> {
  const [name, id] = [await ask('Name:', ''), await ask('Identifier (letters, digits, - and _):', '')]
  if (gathering.people.some(one => one.id === id)) return out(`${id} is there already.`)
  const roles = await ask(`Roles, of ${ROLES.join(', ')}:`, 'security-officer')
  const person = { id, name, roles: roles.split(',').map(one => one.trim()) }
  const problem = problemOf(person)
  if (problem !== undefined) return out(problem)
  const registration = await register(gathering.where, person, ask, out)
  if (registration === undefined) return
  await keep(gathering, [
    ...gathering.people,
    candidate(toWire({ ...person, registrations: [registration] })),
  ])
}

const ROLES: readonly Role[] = [
  'security-officer',
  'system-administrator',
  'system-operator',
  'system-auditor',
  'registration-officer',
]

function problemOf(person: {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
}) {
  try {
    const roles = person.roles.map(one => role(one))
    const registrations = [{ clientDataJSON: new Uint8Array(1), attestationObject: new Uint8Array(1) }]
    candidate(toWire({ ...person, registrations }))
    return problemsOfRoles({ id: person.id, roles })[0]
  } catch (error) {
    if (error instanceof ShapeError) return error.message
    throw error
  }
}

async function addPasskey(gathering: Gathering, ask: Ask, { out }: Terminal): Promise<void> {
  const id = await ask('Identifier of the person:', '')
  const person = gathering.people.find(one => one.id === id)
  if (person === undefined) return out(`There is nobody of the id ${id}.`)
  const registration = await register(gathering.where, person, ask, out)
  if (registration === undefined) return
  const registrations = [...person.registrations, registration]
  await keep(
    gathering,
    gathering.people.map(one => (one === person ? { ...one, registrations } : one)),
  )
}

async function removePerson(gathering: Gathering, ask: Ask, { out }: Terminal): Promise<void> {
  const id = await ask('Identifier of the person:', '')
  if (!gathering.people.some(one => one.id === id)) return out(`There is nobody of the id ${id}.`)
  await keep(
    gathering,
    gathering.people.filter(one => one.id !== id),
  )
}

/** Until a code came that is right, and its fingerprint was read out by the one who made it. */
async function register(
  where: Place,
  person: { readonly id: string; readonly name: string },
  ask: Ask,
  out: (text: string) => void,
): Promise<Registration | undefined> {
  const link = registrationLink(where.approvalOrigin, where.deployment, person)
  out(`\n${person.name} opens this link and makes a passkey:\n\n  ${link}\n`)
  for (;;) {
    const code = await ask('The code that came of it (empty to give up):', '')
    if (code === '') return undefined
    const registration = await registrationOf(code, where, person.id)
    if (typeof registration === 'string') {
      out(registration)
      continue
    }
    out(`Fingerprint: ${await fingerprintOf(registration, nodePlatform)}`)
    const same = await ask(`Does ${person.name} read the same on his screen? (yes or no)`, 'yes')
    return same === 'yes' ? registration : undefined
  }
}

/** The registration, or what is wrong with it. Genesis looks at all of it once more. */
async function registrationOf(code: string, where: Place, personId: string): Promise<Registration | string> {
  try {
    const carried = readCarried(code, carriedRegistration)
    if (carried.personId !== personId) return `The code is for ${carried.personId}.`
    const { challenge, origin } = JSON.parse(fromUtf8(carried.registration.clientDataJSON) ?? '') as {
      challenge?: string
      origin?: string
    }
    const statement = personStatement(where.deployment, personId)
    const expected = await nodePlatform.digest('sha256', statement)
    if (!equal(fromBase64url(String(challenge)) ?? new Uint8Array(), expected)) {
      return 'The passkey was made for another person or another service.'
    }
    if (origin !== where.approvalOrigin)
      return `The passkey was made at ${origin}, not at ${where.approvalOrigin}.`
    return carried.registration
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError) return 'The code is not whole.'
    throw error
  }
}
