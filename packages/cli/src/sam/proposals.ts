/** natsuin sam proposals, natsuin sam withdraw — what waits for approvals. */
import { toWire } from '@natsuin/protocol/approval'
import { proposalLines } from './in-words.ts'
import { samCommand, WHERE } from './sam-command.ts'

export const samProposals = samCommand({
  name: 'sam proposals',
  usage: '[--json]',
  help: `Shows the requests that wait for approvals, and those that ended since the SAM started.

  --json            the requests as they are, in JSON
${WHERE}

Exit status: 0 shown, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  switches: ['json'],
  async run({ flags }, channel, { out }) {
    const { proposals } = await channel.call('proposals/list', {})
    if (flags.has('json')) out(JSON.stringify(toWire(proposals), null, 2))
    else if (proposals.length === 0) out('Nothing waits for approvals.')
    else out(proposals.map(one => proposalLines(one).join('\n')).join('\n\n'))
    return 0
  },
})

export const samWithdraw = samCommand({
  name: 'sam withdraw',
  usage: '<request>',
  help: `Takes a request back that waits for approvals. Those that it has are void.

${WHERE}

Exit status: 0 withdrawn, 1 there is no such request, 2 wrong usage.`,
  words: ['the request'],
  async run({ words: [requestId = ''] }, channel, { out }) {
    await channel.call('proposals/withdraw', { requestId })
    out('Withdrawn.')
    return 0
  },
})
