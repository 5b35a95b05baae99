/** natsuin client add — registers an application at the server, and says what the roster of the SAM needs. */
import { type Terminal, UsageError } from '../command.ts'
import type { Flags } from '../flags.ts'
import { type ClientCall, clientCommand, WHERE } from './client-command.ts'
import { inRoster, optionOf, ROSTER_FLAGS, ROSTER_HELP, ROSTER_SWITCHES } from './in-roster.ts'
import { jwksOf, keyIn } from './keys.ts'
import {
  fileOf,
  isRegistered,
  problemsOf,
  type Registration,
  removeFile,
  removeRegistration,
  writeRegistration,
} from './registrations.ts'
import { newSecret, secretLines } from './secret.ts'

/** Flags that are members of the registration as they are. */
const MEMBERS: Readonly<Record<string, string>> = {
  profile: 'profile',
  specs: 'specs',
  'hash-type': 'hashType',
  authorization: 'authorization',
  'bound-tokens': 'boundTokens',
}

/** Flags that may be given several times, each a list of the registration. */
const LISTS: Readonly<Record<string, string>> = {
  redirect: 'redirect_uris',
  'acts-for': 'actsFor',
  account: 'accounts',
}

export const clientAdd = clientCommand({
  name: 'client add',
  usage: '--id ID --name NAME [--redirect URL …] [--public | --secret | --key KID=PUBLIC.pem …] …',
  help: `Registers an application at the server, in its clientsDirectory; a server that runs knows it within a second.

  --id ID               its client_id
  --name NAME           as signers read it
  --redirect URL        where browsers may be sent back to, exactly; several times for several
  --origin URL          for the roster: whose windows may hand documents over; several times for several

How it proves who it is, one of:
  --public              not at all: a program that can keep no secret
  --secret              by a secret, which is made here and shown once
  --key KID=PUBLIC.pem  by a key (private_key_jwt). Beside --public or --secret, a key of its request objects
  --tls-subject DN      by a TLS certificate of this subject
  --tls-certificate F   by this one TLS certificate

How it speaks (docs/clients.md):
  --profile P           standard, csc-v1 or fapi2
  --specs S             2.0.0.0, 2.1.0.1 or 2.2.0.0
  --hash-type T         dtbsr, sdr or sodr
  --authorization A     redirect or out-of-band
  --bound-tokens B      allowed or required
  --acts-for ID         a signer, which is a seal, for whom it speaks with nobody present; several times for several
  --account ID          an Account ID that it may name; several times for several

${ROSTER_HELP}
${WHERE}

Exit status: 0 registered, 1 it is there already or the server refuses it, 2 wrong usage.`,
  flags: [
    'id',
    'name',
    'key*',
    'origin*',
    'tls-subject',
    'tls-certificate',
    ...Object.keys(MEMBERS),
    ...Object.keys(LISTS).map(name => `${name}*`),
    ...ROSTER_FLAGS,
  ],
  switches: ['public', 'secret', ...ROSTER_SWITCHES],
  run: add,
})

async function add(call: ClientCall, terminal: Terminal): Promise<number> {
  const { flags, registrations } = call
  const id = flags.need('id')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw new UsageError('--id needs letters, digits, _ and -.')
  if (isRegistered(registrations, id)) {
    terminal.error(`${id} is registered already; natsuin client list shows it.`)
    return 1
  }
  const named = { id, name: flags.need('name'), keys: flags.takeAll('key') ?? [] }
  const change = rosterChange(named, flags)
  const written = registrationIn(named, flags)
  const made = flags.has('secret') ? newSecret(registrations, written) : undefined
  writeRegistration(registrations, { ...written, ...(made && { secretFile: made.secretFile }) })
  const problems = await problemsOf(registrations, id)
  if (problems.length > 0) {
    removeRegistration(registrations, id)
    removeFile(registrations, made?.secretFile)
    for (const problem of problems) terminal.error(problem)
    return 1
  }
  const lines = [
    `✔ ${id} is registered: ${fileOf(registrations, id)}`,
    ...(made ? secretLines(made.secret) : []),
  ]
  terminal.out(lines.join('\n'))
  return await inRoster(change, call, terminal)
}

/** What both registrations say of it. */
interface Named {
  readonly id: string
  readonly name: string
  /** `KID=PUBLIC.pem`. */
  readonly keys: readonly string[]
}

function registrationIn({ id, name, keys }: Named, flags: Flags): Registration {
  const members = Object.entries(MEMBERS).flatMap(([flag, member]) => {
    const value = flags.take(flag)
    return value === undefined ? [] : [[member, value]]
  })
  const lists = Object.entries(LISTS).map(([flag, member]) => [member, flags.takeAll(flag)] as const)
  return {
    client_id: id,
    name,
    ...Object.fromEntries(members),
    redirect_uris: [],
    ...Object.fromEntries(lists.filter(([, values]) => values !== undefined)),
    ...(flags.has('public') && { public: true }),
    ...tlsIn(flags),
    ...jwksOf(keys.map(keyIn)),
  }
}

function tlsIn(flags: Flags): object {
  const [subjectDn, certificateFile] = [flags.take('tls-subject'), flags.take('tls-certificate')]
  if (subjectDn !== undefined) return { tls: { subjectDn } }
  return certificateFile === undefined ? {} : { tls: { certificateFile } }
}

/** What page and SAM believe of it: its name, its keys, its windows. */
function rosterChange({ id, name, keys }: Named, flags: Flags): readonly string[] {
  const origins = flags.takeAll('origin') ?? []
  return [
    ...['client-set', '--id', id, '--name', name],
    ...keys.flatMap(key => optionOf('add-key', key)),
    ...origins.flatMap(origin => optionOf('origin', origin)),
  ]
}
