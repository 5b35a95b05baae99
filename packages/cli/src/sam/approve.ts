/** natsuin sam approve — carries a request to somebody's browser and his answer back, where `server` does not. */
import { carriedApproval, readCarried } from '@natsuin/protocol/administration'
import { ShapeError } from '@natsuin/protocol/shape'
import { openQuestions } from '../ask.ts'
import { UsageError } from '../command.ts'
import { carriedLink } from './links.ts'
import { samCommand, WHERE } from './sam-command.ts'

export const samApprove = samCommand({
  name: 'sam approve',
  usage: '<request> <person> [--code CODE]',
  help: `Prints a link that holds the whole request, for one person to approve, and takes the code that the page shows
him when he has. For when the server is down, or not to be asked.

  --code CODE       the code, instead of asking for it
${WHERE}

Exit status: 0 approved, 1 refused, 2 wrong usage.`,
  words: ['the request', 'the person'],
  flags: ['code'],
  async run({ words: [requestId = '', personId = ''], flags }, channel, { out }) {
    const code = flags.take('code')
    const approval = approvalIn(code ?? (await askForCode()))
    const { approvals, needed, done } = await channel.call('administer', approval)
    out(done ? '✔ In force.' : `✔ Approved by ${approvals} of ${needed}.`)
    return 0

    async function askForCode(): Promise<string> {
      const { approvalOrigin } = await channel.call('info', {})
      const carried = await channel.call('tickets/administer', { requestId, personId })
      const questions = openQuestions()
      try {
        const link = carriedLink(approvalOrigin, carried)
        return await questions.ask(
          `He opens this link within minutes:\n\n${link}\n\nThe code that came of it:`,
          '',
        )
      } finally {
        questions.close()
      }
    }
  },
})

function approvalIn(code: string) {
  try {
    return readCarried(code, carriedApproval)
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError('The code is not whole, or none of an approval.')
    throw error
  }
}
