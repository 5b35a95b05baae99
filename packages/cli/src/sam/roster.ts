/** natsuin sam roster, natsuin sam amendments — what the roster is, and how it became so. */
import { toWire } from '@natsuin/protocol/approval'
import { amendmentLines, rosterLines } from './in-words.ts'
import { samCommand, WHERE } from './sam-command.ts'

export const samRoster = samCommand({
  name: 'sam roster',
  usage: '[--json]',
  help: `Shows who is in the roster, what classes and applications there are, and who is trusted.

  --json            the roster as it is, in JSON
${WHERE}

Exit status: 0 shown, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  switches: ['json'],
  async run({ flags }, channel, { out }) {
    const { roster, digest } = await channel.call('roster/read', {})
    out(flags.has('json') ? JSON.stringify(toWire(roster), null, 2) : rosterLines(roster, digest).join('\n'))
    return 0
  },
})

export const samAmendments = samCommand({
  name: 'sam amendments',
  usage: '[--json]',
  help: `Shows everything that changed the roster since genesis, oldest first, with who approved it.

  --json            the amendments as they are, in JSON
${WHERE}

Exit status: 0 shown, 1 the SAM does not answer or refuses, 2 wrong usage.`,
  switches: ['json'],
  async run({ flags }, channel, { out }) {
    const { amendments } = await channel.call('roster/amendments', {})
    if (flags.has('json')) out(JSON.stringify(toWire(amendments), null, 2))
    else if (amendments.length === 0) out('The roster is the one of genesis.')
    else out(amendments.map(one => amendmentLines(one).join('\n')).join('\n\n'))
    return 0
  },
})
