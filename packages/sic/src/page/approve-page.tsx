/** The approval of signatures (sole-control 4): who and for whom from the ticket alone, then each document. */
import { type ApprovalItem, toWire } from '@natsuin/protocol/approval'
import { useMemo, useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { Waiting } from '../../../../faces/waiting.tsx'
import { approvalBytes, approvedItems } from './approval.ts'
import { canRetry, ProblemNotice, useSecondsLeft } from './ceremony.tsx'
import type { Deployment } from './deployment.ts'
import { DocumentsSection } from './documents-section.tsx'
import { messages } from './messages.ts'
import { Notices } from './notices.tsx'
import { type Acceptance, obstacle } from './obstacle.ts'
import type { Approval } from './open-approval.ts'
import { askPasskey } from './passkey.ts'
import { continuation, continuationAt, type Service } from './service.ts'
import { shownItems } from './shown-item.ts'
import { TicketFacts } from './ticket-facts.tsx'
import { type Act, useAct } from './use-act.ts'
import { useDocuments } from './use-documents.ts'
import { useNumber } from './use-number.ts'

interface ApprovePageProps {
  readonly approval: Approval
  readonly deployment: Deployment
  readonly service: Service
}

export function ApprovePage({ approval, deployment, service }: ApprovePageProps) {
  const { ticket, items, asked } = approval
  const documents = useDocuments(approval)
  const { view } = documents
  const [accepts, setAccepts] = useState<Acceptance>({ unseen: false, unshown: false })
  const { waiting, problem, act } = useAct()
  const left = useSecondsLeft(ticket, approval.openedAt)
  const approved = useMemo(() => approvedItems(items, view.seen, asked), [items, view.seen, asked])
  const shown = useMemo(() => shownItems(approved, view), [approved, view.seen, view.unshown])
  const hindrance = obstacle(shown, ticket, accepts)
  const next = { service, serverOrigin: deployment.serverOrigin }
  return (
    <Frame title={titleFor(items.length)} lead={messages.approveLead} foot={messages.foot}>
      <div class="beside">
        <TicketFacts ticket={ticket} left={left} />
        <DocumentsSection approval={approval} items={shown} documents={documents} />
        <div class="decision">
          <Notices
            items={shown}
            client={ticket.client.name}
            hindrance={hindrance}
            isBusy={view.waiting > 0}
            accepts={accepts}
            onAccept={setAccepts}
          />
          {problem && <ProblemNotice problem={problem} />}
          {(problem === undefined || canRetry(problem)) && (
            <Buttons
              count={items.length}
              isIdle={waiting === undefined}
              isReady={hindrance === undefined}
              onApprove={() => act(approving(approval, approved, left, next))}
              onDecline={() => act(declining(approval, next))}
            />
          )}
          <Waiting sentence={waiting} />
        </div>
      </div>
    </Frame>
  )
}

function titleFor(count: number): Sentence {
  if (count === 1) return messages.approveTitle
  const { ja, en } = messages.approveTitleMany
  return { ja: ja(count), en: en(count) }
}

interface Next {
  readonly service: Service
  readonly serverOrigin: string
}

/** The shortest time that an authenticator gets, because the countdown is only the page's guess. */
const MIN_PASSKEY_SECONDS = 30

function approving(
  { answer, path, asked }: Approval,
  items: readonly ApprovalItem[],
  secondsLeft: number,
  { service, serverOrigin }: Next,
): Act {
  return async wait => {
    wait(messages.confirming)
    const statement = approvalBytes(answer.ticket, asked, items)
    const timeoutMs = Math.max(MIN_PASSKEY_SECONDS, secondsLeft) * 1000
    const assertion = await askPasskey({ statement, timeoutMs }, answer.allow)
    wait(messages.sending)
    const outcome = await service.post(
      path,
      toWire({ statement, proof: { kind: 'passkey', assertion } }),
      continuation,
    )
    return continuationAt(serverOrigin, outcome.continue)
  }
}

function declining({ path }: Approval, { service, serverOrigin }: Next): Act {
  return async wait => {
    wait(messages.sending)
    const outcome = await service.post(`${path}/decline`, {}, continuation)
    return continuationAt(serverOrigin, outcome.continue)
  }
}

interface ButtonsProps {
  readonly count: number
  readonly isIdle: boolean
  readonly isReady: boolean
  readonly onApprove: () => void
  readonly onDecline: () => void
}

function Buttons({ count, isIdle, isReady, onApprove, onDecline }: ButtonsProps) {
  const say = useSay()
  const number = useNumber()
  return (
    <>
      <div class="acts">
        <button type="button" class="primary" id="approve" disabled={!isIdle || !isReady} onClick={onApprove}>
          {count === 1 ? say(messages.approve) : say(messages.approveMany)(number(count))}
        </button>
        <button type="button" id="decline" disabled={!isIdle} onClick={onDecline}>
          {say(messages.decline)}
        </button>
      </div>
      {isIdle && <p class="quiet">{say(messages.approveNote)}</p>}
    </>
  )
}
