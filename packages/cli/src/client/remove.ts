/** natsuin client remove — ends the registration of an application, and says what the roster of the SAM needs. */
import { clientCommand, WHERE } from './client-command.ts'
import { inRoster, ROSTER_FLAGS, ROSTER_HELP, ROSTER_SWITCHES } from './in-roster.ts'
import { registrationOf, removeFile, removeRegistration } from './registrations.ts'

export const clientRemove = clientCommand({
  name: 'client remove',
  usage: '--id ID',
  help: `Ends the registration of an application at the server, and its secrets with it. A server that runs knows it
within a second: its tokens count no more.

${ROSTER_HELP}
${WHERE}

Exit status: 0 removed, 2 wrong usage.`,
  flags: ['id', ...ROSTER_FLAGS],
  switches: [...ROSTER_SWITCHES],
  async run(call, terminal) {
    const { flags, registrations } = call
    const { client_id: id, secretFile, previousSecretFile } = registrationOf(registrations, flags.need('id'))
    removeRegistration(registrations, id)
    for (const file of [secretFile, previousSecretFile]) removeFile(registrations, file)
    terminal.out(`✔ ${id} is registered no more.`)
    return await inRoster(['client-remove', '--id', id], call, terminal)
  },
})
