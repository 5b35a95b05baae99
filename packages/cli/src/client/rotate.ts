/**
 * natsuin client rotate — another secret or key for an application, while the one before still counts.
 *
 * A secret is known at two places, and nobody changes both in one moment: the previous one holds until the next rotation, or
 * until it is ended.
 */
import { type Terminal, UsageError } from '../command.ts'
import { type ClientCall, clientCommand, WHERE } from './client-command.ts'
import { inRoster, optionOf, ROSTER_FLAGS, ROSTER_HELP, ROSTER_SWITCHES } from './in-roster.ts'
import { jwksOf, keyIn, keysOf } from './keys.ts'
import {
  problemsOf,
  type Registration,
  registrationOf,
  removeFile,
  writeRegistration,
} from './registrations.ts'
import { newSecret, secretLines } from './secret.ts'

export const clientRotate = clientCommand({
  name: 'client rotate',
  usage: '--id ID [--end | --add-key KID=PUBLIC.pem … | --remove-key KID …]',
  help: `Makes a new secret for an application and shows it once. The one before counts until the next rotation, or until
--end; the one before that ends now. A server that runs knows it within a second.

  --end                 ends the previous secret, and makes none
  --add-key KID=PUB.pem another public key, instead of a secret; several times for several
  --remove-key KID      ends a public key; several times for several

${ROSTER_HELP}
${WHERE}

Exit status: 0 done, 1 the server refuses it, 2 wrong usage.`,
  flags: ['id', 'add-key*', 'remove-key*', ...ROSTER_FLAGS],
  switches: ['end', ...ROSTER_SWITCHES],
  async run(call, terminal) {
    const { flags, registrations } = call
    const registration = registrationOf(registrations, flags.need('id'))
    const [added, removed] = [flags.takeAll('add-key') ?? [], flags.takeAll('remove-key') ?? []]
    if (added.length + removed.length > 0)
      return await rotateKeys(call, registration, { added, removed }, terminal)
    if (registration['secretFile'] === undefined) {
      throw new UsageError(
        `${registration.client_id} has no secret; --add-key and --remove-key rotate its keys.`,
      )
    }
    return flags.has('end')
      ? endPrevious(call, registration, terminal)
      : rotateSecret(call, registration, terminal)
  },
})

function rotateSecret({ registrations }: ClientCall, registration: Registration, { out }: Terminal): number {
  const { secretFile, previousSecretFile, client_id: id } = registration
  const made = newSecret(registrations, registration)
  const previous = { previousSecretFile: secretFile }
  writeRegistration(registrations, { ...registration, secretFile: made.secretFile, ...previous })
  removeFile(registrations, previousSecretFile)
  const lines = [
    `✔ ${id} has a new secret. The one before counts until the next rotation, or natsuin client rotate --id ${id} --end.`,
    ...secretLines(made.secret),
  ]
  out(lines.join('\n'))
  return 0
}

function endPrevious({ registrations }: ClientCall, registration: Registration, { out }: Terminal): number {
  const { previousSecretFile, ...rest } = registration
  writeRegistration(registrations, rest as Registration) // less a member
  removeFile(registrations, previousSecretFile)
  out(previousSecretFile === undefined ? 'There was one secret alone.' : '✔ The previous secret has ended.')
  return 0
}

interface Keys {
  /** `KID=PUBLIC.pem`. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What the roster has of these keys changes with them, where they sign request objects. */
async function rotateKeys(
  call: ClientCall,
  registration: Registration,
  { added, removed }: Keys,
  terminal: Terminal,
): Promise<number> {
  const { registrations } = call
  const { client_id: id, jwks: _, ...rest } = registration
  const kept = keysOf(registration).filter(({ kid }) => !removed.includes(kid))
  writeRegistration(registrations, { client_id: id, ...rest, ...jwksOf([...kept, ...added.map(keyIn)]) })
  const problems = await problemsOf(registrations, id)
  if (problems.length > 0) {
    writeRegistration(registrations, registration)
    for (const problem of problems) terminal.error(problem)
    return 1
  }
  terminal.out(
    `✔ ${id} has these keys: ${keysOf(registrationOf(registrations, id))
      .map(({ kid }) => kid)
      .join(', ')}`,
  )
  const change = [
    ...['client-set', '--id', id],
    ...added.flatMap(key => optionOf('add-key', key)),
    ...removed.flatMap(kid => optionOf('remove-key', kid)),
  ]
  return await inRoster(change, call, terminal)
}
