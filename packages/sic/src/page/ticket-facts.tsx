/** Who signs, with which key, for whom: from the ticket alone. */
import type { ApproveTicket } from '@natsuin/protocol/approval'
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import { TimeLeft } from './ceremony.tsx'
import { messages } from './messages.ts'

export function TicketFacts({ ticket, left }: { ticket: ApproveTicket; left: number }) {
  const say = useSay()
  const { count, changedAt } = ticket.signer.authenticators
  const changed = new Date(changedAt * 1000).toLocaleDateString(useLanguage())
  return (
    <section class="sheet who" aria-labelledby="who">
      <h2 id="who">{say(messages.whoHeading)}</h2>
      <dl class="facts">
        <dt>{say(messages.signer)}</dt>
        <dd class="principal">
          <bdi>{ticket.signer.name}</bdi>
        </dd>
        <dt>{say(messages.client)}</dt>
        <dd class="principal">
          <bdi>{ticket.client.name}</bdi>
        </dd>
        <dt>{say(messages.credential)}</dt>
        <dd>
          <bdi>{ticket.credential.label}</bdi>
        </dd>
        <dt>{say(messages.level)}</dt>
        <dd>{say(messages.levels)[ticket.level]}</dd>
        {count > 0 && (
          <>
            <dt>{say(messages.passkeysTold)}</dt>
            <dd>{say(messages.passkeysChanged)({ count, changed })}</dd>
          </>
        )}
        <dt>{say(messages.timeLeft)}</dt>
        <dd>
          <TimeLeft seconds={left} />
        </dd>
      </dl>
    </section>
  )
}
