/** natsuin sam propose — puts changes of the roster before those who may approve them, and waits for them. */
import { setTimeout as pause } from 'node:timers/promises'
import { toWire } from '@natsuin/protocol/approval'
import type { Proposal } from '@natsuin/protocol/sap'
import { openQuestions } from '../ask.ts'
import { type Terminal, UsageError } from '../command.ts'
import { CHANGE_FLAGS, CHANGES, changeOf, changesIn } from './changes.ts'
import { proposalLines, refusalInWords } from './in-words.ts'
import { approvalLink, registrationLink } from './links.ts'
import { type Channel, type Flags, samCommand, WHERE } from './sam-command.ts'

export const samPropose = samCommand({
  name: 'sam propose',
  usage: '<change> --reason TEXT [--minutes N] [--no-wait] …',
  help: `Proposes a change of the roster, prints a link for each person who may approve it, and waits until enough
of them have. Nothing takes effect before that.

  --reason TEXT     for those who are asked
  --minutes N       how long they have (60)
  --no-wait         print the links and go; natsuin sam proposals shows how far it is
  --json            one line of JSON with the request and the links, and go
${WHERE}

Changes:
${Object.entries(CHANGES)
  .map(([kind, { usage }]) => `  ${kind} ${usage}`)
  .join('\n')}
  file --file CHANGES.json     several at once, all or nothing; the same form as natsuin sam amendments --json

Exit status: 0 in force (with --no-wait and --json: proposed), 1 not, 2 wrong usage.`,
  words: ['a change'],
  flags: [...CHANGE_FLAGS, 'reason', 'minutes'],
  switches: ['no-wait', 'json'],
  async run({ words: [kind = ''], flags }, channel, terminal) {
    const [reason, minutes] = [flags.need('reason'), minutesIn(flags)]
    const [leaves, asJson] = [flags.has('no-wait'), flags.has('json')]
    const changes = kind === 'file' ? changesIn(flags.need('file')) : [await oneChange(kind, flags, channel)]
    flags.demandTaken()
    const { proposal, problems } = await channel.call('propose', {
      act: { kind: 'amend', changes },
      reason,
      minutes,
    })
    if (proposal === undefined) {
      terminal.error(['It cannot be done like this:', ...problems.map(one => `  ${one}`)].join('\n'))
      return 1
    }
    const links = await linksFor(channel, proposal)
    if (asJson) {
      terminal.out(JSON.stringify(toWire({ requestId: proposal.requestId, needed: proposal.needed, links })))
      return 0
    }
    terminal.out([...proposalLines(proposal), '', ...linkLines(proposal, links)].join('\n'))
    return leaves ? 0 : await waiting(channel, proposal, terminal)
  },
})

function minutesIn(flags: Flags): number {
  const minutes = Number(flags.take('minutes') ?? 60)
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 10_080) {
    throw new UsageError('--minutes needs a number of minutes, up to a week.')
  }
  return minutes
}

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

async function linksFor(channel: Channel, { requestId, approvers }: Proposal) {
  const { approvalOrigin } = await channel.call('info', {})
  return approvers.map(({ id, name }) => ({ id, name, link: approvalLink(approvalOrigin, requestId, id) }))
}

type Links = Awaited<ReturnType<typeof linksFor>>

function linkLines({ needed }: Proposal, links: Links): readonly string[] {
  return [
    `${needed} of these people have to approve it, each with his own passkey:`,
    ...links.map(({ id, name, link }) => `  ${name} (${id})\n    ${link}`),
  ]
}

const PAUSE_MILLISECONDS = 1000

async function waiting(channel: Channel, proposal: Proposal, { out, error }: Terminal): Promise<number> {
  out('\nWaiting. Whoever interrupts this takes nothing back; natsuin sam withdraw does.')
  const { requestId, approvers } = proposal
  const nameOf = (id: string) => approvers.find(one => one.id === id)?.name ?? id
  const told = new Set<string>()
  for (;;) {
    const { proposal: now } = await channel.call('proposals/read', { requestId })
    for (const id of now.approvals.filter(one => !told.has(one))) {
      told.add(id)
      out(`✔ ${nameOf(id)} approved it (${told.size} of ${now.needed}).`)
    }
    if (now.state === 'done') {
      const { roster } = await channel.call('roster/read', {})
      out(`✔ In force: the roster is version ${roster.version}.`)
      return 0
    }
    if (now.state === 'failed') {
      error(refusalInWords(now.failure ?? 'fault'))
      return 1
    }
    await pause(PAUSE_MILLISECONDS)
  }
}
