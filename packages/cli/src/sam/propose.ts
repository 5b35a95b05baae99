/** natsuin sam propose — puts changes of the roster before those who may approve them, and waits for them. */
import { openQuestions } from '../ask.ts'
import type { Flags } from '../flags.ts'
import { CHANGE_FLAGS, CHANGES, changeOf, changesIn } from './changes.ts'
import { registrationLink } from './links.ts'
import { PROPOSING_FLAGS, PROPOSING_HELP, PROPOSING_SWITCHES, proposeAct, proposingIn } from './proposing.ts'
import { type Channel, samCommand, WHERE } from './sam-command.ts'

export const samPropose = samCommand({
  name: 'sam propose',
  usage: '<change> --reason TEXT [--minutes N] [--no-wait] …',
  help: `Proposes a change of the roster, prints a link for each person who may approve it, and waits until enough
of them have. Nothing takes effect before that.

${PROPOSING_HELP}
${WHERE}

Changes:
${Object.entries(CHANGES)
  .map(([kind, { usage }]) => `  ${kind} ${usage}`)
  .join('\n')}
  file --file CHANGES.json     several at once, all or nothing; the same form as natsuin sam amendments --json

Exit status: 0 in force (with --no-wait and --json: proposed), 1 not, 2 wrong usage.`,
  words: ['a change'],
  flags: [...CHANGE_FLAGS, ...PROPOSING_FLAGS],
  switches: PROPOSING_SWITCHES,
  async run({ words: [kind = ''], flags }, channel, terminal) {
    const proposing = proposingIn(flags)
    const changes = kind === 'file' ? changesIn(flags.need('file')) : [await oneChange(kind, flags, channel)]
    flags.demandTaken()
    return proposeAct({ kind: 'amend', changes }, proposing, { channel, terminal }, async () => {
      const { roster } = await channel.call('roster/read', {})
      terminal.out(`✔ In force: the roster is version ${roster.version}.`)
      return 0
    })
  },
})

async function oneChange(kind: string, flags: Flags, channel: Channel) {
  const { roster } = await channel.call('roster/read', {})
  const askForCode = async (person: { id: string; name: string }) => {
    const questions = openQuestions()
    try {
      const link = registrationLink(roster.approvalOrigin, roster.deployment, person)
      return await questions.ask(
        `${person.name} opens this link and makes a passkey:\n\n  ${link}\n\nThe code that came of it:`,
        '',
      )
    } finally {
      questions.close()
    }
  }
  return await changeOf(kind, { flags, roster, askForCode })
}
