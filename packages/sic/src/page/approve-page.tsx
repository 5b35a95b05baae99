/** The approval of signatures (sole-control 4): who and for whom from the ticket alone, then each document. */
import { type ApprovalItem, type ApproveTicket, toWire } from '@natsuin/protocol/approval'
import { useState } from 'preact/hooks'
import { FileDrop } from '../../../../faces/file-drop.tsx'
import { Frame, useLanguage, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { approvalBytes, approvedItems, type Obstacle, obstacle } from './approval.ts'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from './ceremony.tsx'
import type { Deployment } from './deployment.ts'
import { ItemCard } from './item-card.tsx'
import { messages } from './messages.ts'
import type { Approval } from './open-approval.ts'
import { askPasskey } from './passkey.ts'
import { continuation, continuationAt, type Service } from './service.ts'
import { type Act, useAct } from './use-act.ts'
import { useDocuments } from './use-documents.ts'

interface ApprovePageProps {
  readonly approval: Approval
  readonly deployment: Deployment
  readonly service: Service
}

export function ApprovePage({ approval, deployment, service }: ApprovePageProps) {
  const { ticket, items, asked } = approval
  const documents = useDocuments(approval)
  const [acceptsUnseen, setAcceptsUnseen] = useState(false)
  const { waiting, problem, act } = useAct()
  const left = useSecondsLeft(ticket, approval.openedAt)
  const approved = approvedItems(items, documents.seen, asked)
  const hindrance = obstacle(approved, ticket, acceptsUnseen)
  const next = { service, serverOrigin: deployment.serverOrigin }
  return (
    <Frame title={messages.approveTitle} lead={messages.approveLead} foot={messages.foot}>
      <TicketFacts ticket={ticket} left={left} />
      <Items approval={approval} approved={approved} documents={documents} />
      {hindrance === 'basis-refused' && <UnseenRefused />}
      {approved.some(item => item.basis === 'unseen') && hindrance !== 'basis-refused' && (
        <UnseenWarning accepts={acceptsUnseen} onAccept={setAcceptsUnseen} />
      )}
      {approved.some(item => item.basis === 'vouched') && <VouchedNotice client={ticket.client.name} />}
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <Buttons
          idle={waiting === undefined}
          hindrance={hindrance}
          onApprove={() => act(approving(approval, approved, left, next))}
          onDecline={() => act(declining(approval, next))}
        />
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
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

function TicketFacts({ ticket, left }: { ticket: ApproveTicket; left: number }) {
  const say = useSay()
  const { count, changedAt } = ticket.signer.authenticators
  const changed = new Date(changedAt * 1000).toLocaleDateString(useLanguage())
  return (
    <section class="sheet" aria-labelledby="who">
      <h2 id="who">{say(messages.whoHeading)}</h2>
      <dl class="facts">
        <dt>{say(messages.signer)}</dt>
        <dd class="principal">{ticket.signer.name}</dd>
        <dt>{say(messages.client)}</dt>
        <dd class="principal">{ticket.client.name}</dd>
        <dt>{say(messages.credential)}</dt>
        <dd>{ticket.credential.label}</dd>
        <dt>{say(messages.level)}</dt>
        <dd>{say(messages.levels)[ticket.level]}</dd>
        <dt>{say(messages.passkeysTold)}</dt>
        <dd>{say(messages.passkeysChanged)({ count, changed })}</dd>
        <dt>{say(messages.timeLeft)}</dt>
        <dd>
          <TimeLeft seconds={left} />
        </dd>
      </dl>
    </section>
  )
}

interface ItemsProps {
  readonly approval: Approval
  readonly approved: readonly ApprovalItem[]
  readonly documents: ReturnType<typeof useDocuments>
}

function Items({ approval: { items }, approved, documents: { seen, problem, take } }: ItemsProps) {
  const say = useSay()
  const takeFiles = async (files: readonly File[]) => take(await Promise.all(files.map(bytesOf)))
  const canSeeMore = items.some((item, index) => item.preimage !== undefined && !seen.has(index))
  return (
    <section class="sheet" aria-labelledby="what">
      <div class="sheet-head">
        <h2 id="what">{say(messages.documentsHeading)}</h2>
        <span class="quiet">{say(messages.count)(items.length)}</span>
      </div>
      <ol class="items">
        {approved.map((item, index) => (
          <ItemCard key={index} item={item} document={seen.get(index)} opens={index === 0} />
        ))}
      </ol>
      {canSeeMore && (
        <FileDrop label={messages.dropHere} hint={messages.dropChoose} multiple onFiles={takeFiles} />
      )}
      {problem && <ProblemNotice problem={problem} />}
    </section>
  )
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer())
}

function VouchedNotice({ client }: { client: string }) {
  const say = useSay()
  return (
    <section class="notice" aria-labelledby="vouched">
      <h2 id="vouched">{say(messages.vouchedHeading)}</h2>
      <p>{say(messages.vouchedMeaning)(client)}</p>
    </section>
  )
}

function UnseenRefused() {
  const say = useSay()
  return (
    <section class="notice bad" role="alert">
      <h2>{say(messages.unseenHeading)}</h2>
      <p>{say(messages.unseenRefused)}</p>
    </section>
  )
}

function UnseenWarning({ accepts, onAccept }: { accepts: boolean; onAccept: (accepts: boolean) => void }) {
  const say = useSay()
  return (
    <section class="notice warn" aria-labelledby="unseen">
      <h2 id="unseen">{say(messages.unseenHeading)}</h2>
      <p>{say(messages.unseenWarning)}</p>
      <label class="check">
        <input
          type="checkbox"
          id="accept-unseen"
          checked={accepts}
          onChange={event => onAccept(event.currentTarget.checked)}
        />
        <span>{say(messages.unseenAccept)}</span>
      </label>
    </section>
  )
}

interface ButtonsProps {
  readonly idle: boolean
  readonly hindrance: Obstacle | undefined
  readonly onApprove: () => void
  readonly onDecline: () => void
}

function Buttons({ idle, hindrance, onApprove, onDecline }: ButtonsProps) {
  const say = useSay()
  return (
    <>
      <div class="acts">
        <button
          type="button"
          class="primary"
          id="approve"
          disabled={!idle || hindrance !== undefined}
          onClick={onApprove}
        >
          {say(messages.approve)}
        </button>
        <button type="button" id="decline" disabled={!idle} onClick={onDecline}>
          {say(messages.decline)}
        </button>
      </div>
      {idle && <p class="quiet">{say(messages.approveNote)}</p>}
    </>
  )
}
