/**
 * The approval of an administrative request (sole-control 8): who is asked, by which ticket; what changes, from what to
 * what; then his passkey.
 */
import { toHex } from '@natsuin/pki/encoding'
import { type CarriedApproval, writeCarried } from '@natsuin/protocol/administration'
import { useState } from 'preact/hooks'
import { Frame, useLanguage, useSay } from '../../../../../faces/frame.tsx'
import { Waiting } from '../../../../../faces/waiting.tsx'
import { Acts, Button } from '../acts.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from '../ceremony.tsx'
import { messages } from '../messages.ts'
import { askPasskey } from '../passkey.ts'
import { useAct } from '../use-act.ts'
import { ChangeCard } from './change-card.tsx'
import { CodeToCopy } from './code-to-copy.tsx'
import { administrationMessages as words } from './messages.ts'
import type { OpenedRequest } from './open-request.ts'

export interface Progress {
  readonly approvals: number
  readonly needed: number
  readonly done: boolean
}

interface AdministerPageProps {
  readonly opened: OpenedRequest
  /** Absent when a person carries the answer. */
  readonly send: ((approval: CarriedApproval) => Promise<Progress>) | undefined
}

type Answered =
  | { readonly by: 'code'; readonly code: string }
  | { readonly by: 'server'; readonly progress: Progress }

/** Long enough to find the device. */
const PASSKEY_TIMEOUT_MS = 180_000

export function AdministerPage({ opened, send }: AdministerPageProps) {
  const say = useSay()
  const { waiting, problem, run } = useAct()
  const [answered, setAnswered] = useState<Answered>()
  const approve = async () => {
    const question = { statement: opened.statement, timeoutMs: PASSKEY_TIMEOUT_MS }
    const assertion = await askPasskey(question, opened.allow)
    const approval = { statement: opened.statement, assertion }
    setAnswered(
      send === undefined
        ? { by: 'code', code: writeCarried(approval) }
        : { by: 'server', progress: await send(approval) },
    )
  }
  if (answered !== undefined) return <Outcome answered={answered} />
  return (
    <Frame title={words.title} lead={words.lead} foot={words.foot}>
      <RequestFacts opened={opened} />
      <section class="sheet" aria-labelledby="changes">
        <h2 id="changes">{say(words.changes)}</h2>
        {opened.changes.map((change, at) => (
          <ChangeCard key={at} change={change} />
        ))}
      </section>
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <>
          <Acts>
            <Button
              id="approve"
              says={words.approve}
              disabled={waiting !== undefined}
              onClick={() => run(messages.confirming, approve)}
            />
          </Acts>
          <p class="quiet">{say(words.approveNote)}</p>
        </>
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

function RequestFacts({ opened: { ticket, request, openedAt } }: { opened: OpenedRequest }) {
  const say = useSay()
  const language = useLanguage()
  const left = useSecondsLeft(ticket, openedAt)
  return (
    <section class="sheet">
      <dl class="facts">
        <dt>{say(words.who)}</dt>
        <dd class="principal">
          <bdi>{ticket.person.name}</bdi>
        </dd>
        <dt>{say(words.reason)}</dt>
        <dd class="principal" id="reason">
          <bdi>{request.reason}</bdi>
        </dd>
        <dt>{say(words.service)}</dt>
        <dd>
          <bdi>{request.deployment}</bdi>
        </dd>
        <dt>{say(words.basis)}</dt>
        <dd>{request.roster.version}</dd>
        <dt>{say(words.until)}</dt>
        <dd>{new Date(request.notAfter * 1000).toLocaleString(language)}</dd>
        <dt>{say(words.ticketLeft)}</dt>
        <dd>
          <TimeLeft seconds={left} />
        </dd>
      </dl>
      <details>
        <summary>{say(words.technical)}</summary>
        <dl class="facts">
          <dt>{say(words.requestDigest)}</dt>
          <dd>
            <code class="digest">{toHex(ticket.requestDigest)}</code>
          </dd>
        </dl>
      </details>
    </section>
  )
}

function Outcome({ answered }: { answered: Answered }) {
  const say = useSay()
  return (
    <Frame title={words.approvedHeading} foot={words.foot}>
      {answered.by === 'code' ? (
        <CodeToCopy code={answered.code} />
      ) : (
        <section class="notice good" role="status" id="approved">
          <h2>{say(words.progress)(answered.progress)}</h2>
          <p>{say(answered.progress.done ? words.done : words.close)}</p>
        </section>
      )}
    </Frame>
  )
}
