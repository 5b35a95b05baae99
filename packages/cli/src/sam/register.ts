/** natsuin sam register — the link under which somebody makes the passkey that the roster will know. */
import { registrationLink } from './links.ts'
import { samCommand, WHERE } from './sam-command.ts'

export const samRegister = samCommand({
  name: 'sam register',
  usage: '--id ID --name NAME',
  help: `Prints the link under which somebody makes a passkey, to be in the roster under this id. The page gives him a
code; it goes into natsuin sam propose person-add or passkey-add. He reads the fingerprint of his passkey to those who
approve.

${WHERE}

Exit status: 0 printed, 1 the SAM does not answer, 2 wrong usage.`,
  flags: ['id', 'name'],
  async run({ flags }, channel, { out }) {
    const { approvalOrigin, deployment } = await channel.call('info', {})
    out(registrationLink(approvalOrigin, deployment, { id: flags.need('id'), name: flags.need('name') }))
    return 0
  },
})
