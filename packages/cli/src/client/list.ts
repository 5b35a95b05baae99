/** natsuin client list — which applications are registered at the server. */
import { clientCommand, WHERE } from './client-command.ts'
import { keysOf } from './keys.ts'
import { fileOf, type Registration, registrationsIn } from './registrations.ts'

export const clientList = clientCommand({
  name: 'client list',
  usage: '[--json]',
  help: `Shows which applications are registered at the server, how each proves who it is, and where that is written.
What they may ask for is in the roster: natsuin sam roster.

  --json            the registrations as they are written, in JSON; no secret is in them
${WHERE}

Exit status: 0 shown, 2 wrong usage.`,
  switches: ['json'],
  async run({ flags, registrations }, { out }) {
    const { entries, configuration } = registrations
    const files = registrationsIn(registrations)
    const all = [
      ...entries.map(one => linesOf(one, configuration)),
      ...files.map(one => linesOf(one, fileOf(registrations, one.client_id))),
    ]
    if (flags.has('json')) out(JSON.stringify([...entries, ...files], null, 2))
    else out(all.length === 0 ? 'No application is registered.' : all.join('\n\n'))
    return 0
  },
})

function linesOf(registration: Registration, file: string): string {
  const { client_id, name, profile = 'standard', redirect_uris } = registration
  const keys = keysOf(registration).map(({ kid }) => `key ${kid}`)
  const redirects = Array.isArray(redirect_uris) ? redirect_uris.map(uri => `  back to ${uri}`) : []
  return [
    `${client_id}  ${name}  (${[profile, proofOf(registration), ...keys].join(', ')})`,
    ...redirects,
    `  ${file}`,
  ].join('\n')
}

function proofOf(registration: Registration): string {
  const { public: open, secretFile, previousSecretFile, tls } = registration
  if (open === true) return 'public'
  if (secretFile !== undefined) return previousSecretFile === undefined ? 'secret' : 'two secrets'
  return tls === undefined ? 'private_key_jwt' : 'TLS certificate'
}
