/** What every command does that puts an act before those who may approve it: links, and waiting for them. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Act } from '@natsuin/protocol/administration'
import { toWire } from '@natsuin/protocol/approval'
import type { Proposal } from '@natsuin/protocol/sap'
import { type Terminal, UsageError } from '../command.ts'
import type { Flags } from '../flags.ts'
import { proposalLines, refusalInWords } from './in-words.ts'
import { approvalLink } from './links.ts'
import type { Channel } from './sam-command.ts'

export const PROPOSING_FLAGS = ['reason', 'minutes'] as const
export const PROPOSING_SWITCHES = ['no-wait', 'json'] as const

export const PROPOSING_HELP = `  --reason TEXT     for those who are asked
  --minutes N       how long they have (60)
  --no-wait         print the links and go; natsuin sam proposals shows how far it is
  --json            one line of JSON with the request and the links, and go`

export interface Proposing {
  readonly reason: string
  readonly minutes: number
  /** Whether nobody waits for the approvals. */
  readonly leaves: boolean
  readonly asJson: boolean
}

/** @throws UsageError */
export function proposingIn(flags: Flags): Proposing {
  const [reason, minutes] = [flags.need('reason'), minutesIn(flags)]
  return { reason, minutes, leaves: flags.has('no-wait'), asJson: flags.has('json') }
}

function minutesIn(flags: Flags): number {
  const minutes = Number(flags.take('minutes') ?? 60)
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 10_080) {
    throw new UsageError('--minutes needs a number of minutes, up to a week.')
  }
  return minutes
}

/** @param onDone told when it has taken effect; gives the exit status */
export async function proposeAct(
  act: Act,
  { reason, minutes, leaves, asJson }: Proposing,
  { channel, terminal }: { readonly channel: Channel; readonly terminal: Terminal },
  onDone: () => Promise<number>,
): Promise<number> {
  const { proposal, problems } = await channel.call('propose', { act, reason, minutes })
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
  if (leaves) return 0
  return (await isDone(channel, proposal, terminal)) ? onDone() : 1
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

/** Waits until it has taken effect, or will not. */
async function isDone(channel: Channel, proposal: Proposal, { out, error }: Terminal): Promise<boolean> {
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
    if (now.state === 'done') return true
    if (now.state === 'failed') {
      error(refusalInWords(now.failure ?? 'fault'))
      return false
    }
    await pause(PAUSE_MILLISECONDS)
  }
}
