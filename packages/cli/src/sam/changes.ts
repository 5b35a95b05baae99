/** From the command line to a change of the roster: one entry for each kind. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type Change,
  type ChangeKind,
  carriedRegistration,
  change,
  readCarried,
} from '@natsuin/protocol/administration'
import { type Registration, toWire } from '@natsuin/protocol/approval'
import type { ClientKey, KnownClient, Person, Roster } from '@natsuin/protocol/genesis'
import { list, parseUnambiguousJson, ShapeError } from '@natsuin/protocol/shape'
import { UsageError } from '../command.ts'
import type { Flags } from '../flags.ts'

/** Asks for the code that somebody got when he registered. */
export type AskForCode = (person: { readonly id: string; readonly name: string }) => Promise<string>

interface Making {
  readonly flags: Flags
  /** In force: what is not said stays as it is. */
  readonly roster: Roster
  readonly askForCode: AskForCode
}

interface ChangeUsage {
  readonly usage: string
  readonly make: (making: Making) => unknown
}

/** What each kind takes from the command line. */
export const CHANGES: Readonly<Record<ChangeKind, ChangeUsage>> = {
  'person-add': {
    usage: '--id ID --name NAME --roles ROLE,ROLE [--code CODE …]',
    make: async ({ flags, askForCode }) => {
      const [id, name] = [flags.need('id'), flags.need('name')]
      const roles = rolesIn(flags)
      const codes = flags.takeAll('code') ?? [await askForCode({ id, name })]
      return { person: { id, name, roles, registrations: codes.map(code => registrationIn(code, id)) } }
    },
  },
  'person-remove': { usage: '--id ID', make: ({ flags }) => ({ personId: flags.need('id') }) },
  'person-roles': {
    usage: '--id ID --roles ROLE,ROLE',
    make: ({ flags }) => ({ personId: flags.need('id'), roles: rolesIn(flags) }),
  },
  'passkey-add': {
    usage: '--id ID [--code CODE]',
    make: async ({ flags, roster, askForCode }) => {
      const { id, name } = personIn(roster, flags)
      return {
        personId: id,
        registration: registrationIn(flags.take('code') ?? (await askForCode({ id, name })), id),
      }
    },
  },
  'passkey-remove': {
    usage: '--id ID --passkey NUMBER',
    make: ({ flags, roster }) => {
      const { id, passkeys } = personIn(roster, flags)
      const number = flags.need('passkey')
      const passkey = passkeys[Number(number) - 1]
      if (passkey === undefined)
        throw new UsageError(`${id} has no passkey ${number}; natsuin sam roster counts them.`)
      return { personId: id, credentialId: passkey.credentialId }
    },
  },
  'quorum-set': { usage: '--quorum NUMBER', make: ({ flags }) => ({ quorum: Number(flags.need('quorum')) }) },
  'class-set': { usage: '--file CLASS.json', make: ({ flags }) => ({ class: readJson(flags.need('file')) }) },
  'class-remove': { usage: '--id ID', make: ({ flags }) => ({ classId: flags.need('id') }) },
  'client-set': {
    usage: '--id ID [--name NAME] [--add-key KID=PUBLIC.pem …] [--remove-key KID …] [--origin URL …]',
    make: ({ flags, roster }) => ({ client: clientIn(flags, roster) }),
  },
  'client-remove': { usage: '--id ID', make: ({ flags }) => ({ clientId: flags.need('id') }) },
  'provider-set': {
    usage: '--file PROVIDER.json',
    make: ({ flags }) => ({ provider: readJson(flags.need('file')) }),
  },
  'provider-remove': { usage: '--id ID', make: ({ flags }) => ({ providerId: flags.need('id') }) },
  'trust-anchor-add': {
    usage: '--certificate FILE',
    make: ({ flags }) => ({ certificate: certificateIn(flags.need('certificate')) }),
  },
  'trust-anchor-remove': {
    usage: '--digest SHA256',
    make: ({ flags }) => ({ digest: digestIn(flags.need('digest')) }),
  },
  'issuer-set': { usage: '--issuer URL', make: ({ flags }) => ({ issuer: flags.need('issuer') }) },
  'level-set': { usage: '--level 1|2|3', make: ({ flags }) => ({ maxLevel: Number(flags.need('level')) }) },
  'limits-set': {
    usage: '[--grant-hours NUMBER] [--request-hours NUMBER]',
    make: ({ flags, roster: { limits } }) => ({
      limits: {
        ...limits,
        grantHours: Number(flags.take('grant-hours') ?? limits.grantHours),
        requestHours: Number(flags.take('request-hours') ?? limits.requestHours),
      },
    }),
  },
}

/** Everything that a change may take; those with `*` several times. */
export const CHANGE_FLAGS = [
  'id',
  'name',
  'roles',
  'code*',
  'passkey',
  'quorum',
  'file',
  'add-key*',
  'remove-key*',
  'origin*',
  'certificate',
  'digest',
  'issuer',
  'level',
  'grant-hours',
  'request-hours',
]

/** @throws UsageError */
export async function changeOf(kind: string, making: Making): Promise<Change> {
  if (!Object.hasOwn(CHANGES, kind)) throw new UsageError(`There is no change ${kind}.`)
  const { usage, make } = CHANGES[kind as ChangeKind] // its own key
  try {
    return change(toWire({ kind, ...((await make(making)) as object) }))
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError(`${kind} ${usage}: ${error.message}`)
    throw error
  }
}

const changes = list(change, { min: 1, max: 50 })

/** Changes as a file has them: one, or a list. @throws UsageError */
export function changesIn(file: string): readonly Change[] {
  const value = readJson(file)
  try {
    return changes(Array.isArray(value) ? value : [value])
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

const rolesIn = (flags: Flags): readonly string[] =>
  flags
    .need('roles')
    .split(',')
    .map(role => role.trim())

function personIn({ people }: Roster, flags: Flags): Person {
  const id = flags.need('id')
  const person = people.find(one => one.id === id)
  if (person === undefined) throw new UsageError(`There is nobody of the id ${id} in the roster.`)
  return person
}

/** @throws UsageError */
export function registrationIn(code: string, personId: string): Registration {
  try {
    const carried = readCarried(code, carriedRegistration)
    if (carried.personId !== personId)
      throw new UsageError(`The code is for ${carried.personId}, not for ${personId}.`)
    return carried.registration
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError('The code is not whole, or none of a registration.')
    throw error
  }
}

/** The client as it is in the roster, with what is said here; or a new one. */
function clientIn(flags: Flags, { clients }: Roster): KnownClient {
  const id = flags.need('id')
  const known = clients.find(one => one.id === id)
  const removed = flags.takeAll('remove-key') ?? []
  const added = (flags.takeAll('add-key') ?? []).map(keyIn)
  const kept = (known?.keys ?? []).filter(({ kid }) => !removed.includes(kid))
  const keys = [...kept, ...added]
  const origins = flags.takeAll('origin') ?? known?.origins
  return {
    id,
    name: flags.take('name') ?? known?.name ?? flags.need('name'),
    ...(keys.length > 0 && { keys }),
    ...(origins !== undefined && { origins }),
  }
}

function keyIn(given: string): ClientKey {
  const [, kid, file] = /^([A-Za-z0-9_-]{1,64})=(.+)$/.exec(given) ?? []
  if (kid === undefined || file === undefined)
    throw new UsageError(`--add-key ${given}: expected KID=PUBLIC.pem`)
  const publicKey = readWith(file, text => createPublicKey(text).export({ type: 'spki', format: 'der' }))
  return { kid, publicKey: new Uint8Array(publicKey) }
}

const certificateIn = (file: string): Uint8Array =>
  readWith(file, text => new Uint8Array(new X509Certificate(text).raw))

/** As `openssl x509 -fingerprint -sha256` and the approval page write it. */
function digestIn(text: string): Uint8Array {
  const hex = text.replaceAll(/[\s:]/g, '')
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new UsageError('--digest needs 64 hexadecimal digits.')
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

const readJson = (file: string): unknown => readWith(file, parseUnambiguousJson)

/** @throws UsageError */
function readWith<T>(file: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
