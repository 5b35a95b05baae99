/** The approval of signatures (sole-control 4): who and for whom from the ticket alone, then each document. */
import { equal } from '@natsuin/pki/encoding'
import { type GivenCode, type Proof, toWire } from '@natsuin/protocol/approval'
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
import { Problem } from './problem.ts'
import { continuation, continuationAt, type Service } from './service.ts'
import { shownItems } from './shown-item.ts'
import { TicketFacts } from './ticket-facts.tsx'
import { type Act, useAct } from './use-act.ts'
import { useDocuments } from './use-documents.ts'
import { useLogIn } from './use-log-in.ts'
import { GiveUpLogIn, WayButtons, type WayButtonsProps } from './way-buttons.tsx'
import { waysIn } from './ways.ts'

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
  const { waiting, problem, act, run } = useAct()
  const { logIn, giveUp } = useLogIn()
  const [loggedIn, setLoggedIn] = useState<LoggedIn>()
  const left = useSecondsLeft(ticket, approval.openedAt)
  const approved = useMemo(() => approvedItems(items, view.seen, asked), [items, view.seen, asked])
  const shown = useMemo(() => shownItems(approved, view), [approved, view.seen, view.unshown])
  const hindrance = obstacle(shown, ticket, accepts)
  const next = { service, serverOrigin: deployment.serverOrigin }
  const { provider } = ticket
  const bytes = () => approvalBytes(approval.answer.ticket, asked, approved)
  // Of what was logged in for nothing may have changed since.
  const given = loggedIn !== undefined && equal(loggedIn.statement, bytes()) ? loggedIn : undefined
  const askProvider = async (): Promise<LoggedIn> => {
    if (provider === undefined) throw new Problem('refused')
    const statement = bytes()
    return { statement, logIn: await logIn({ provider, level: ticket.level, statement }) }
  }
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
              ways={waysIn(ticket)}
              provider={provider?.name ?? ''}
              isLoggedIn={given !== undefined}
              isIdle={waiting === undefined}
              isReady={hindrance === undefined}
              onPasskey={() => {
                setLoggedIn(undefined)
                act(withPasskey(approval, given ?? { statement: bytes() }, left, next))
              }}
              onLogIn={way =>
                way === 'provider'
                  ? act(withProvider(approval, askProvider, next))
                  : run(messages.loggingIn, async () => setLoggedIn(await askProvider()))
              }
              onDecline={() => act(declining(approval, next))}
            />
          )}
          {waiting === messages.loggingIn && <GiveUpLogIn onGiveUp={giveUp} />}
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

/** The bytes for which the person logged in at his provider, and what came of it. */
interface LoggedIn {
  readonly statement: Uint8Array<ArrayBuffer>
  readonly logIn: GivenCode
}

function withPasskey(
  { answer, path }: Approval,
  { statement, logIn }: Pick<LoggedIn, 'statement'> & Partial<LoggedIn>,
  secondsLeft: number,
  next: Next,
): Act {
  return async wait => {
    wait(messages.confirming)
    const timeoutMs = Math.max(MIN_PASSKEY_SECONDS, secondsLeft) * 1000
    const assertion = await askPasskey({ statement, timeoutMs }, answer.allow)
    wait(messages.sending)
    const proof: Proof =
      logIn === undefined
        ? { kind: 'passkey', assertion }
        : { kind: 'provider-and-passkey', assertion, logIn }
    return sending(path, { statement, proof }, next)
  }
}

function withProvider({ path }: Approval, askProvider: () => Promise<LoggedIn>, next: Next): Act {
  return async wait => {
    wait(messages.loggingIn)
    const { statement, logIn } = await askProvider()
    wait(messages.sending)
    return sending(path, { statement, proof: { kind: 'provider', logIn } }, next)
  }
}

async function sending(
  path: string,
  approved: { readonly statement: Uint8Array; readonly proof: Proof },
  { service, serverOrigin }: Next,
): Promise<string> {
  const outcome = await service.post(path, toWire(approved), continuation)
  return continuationAt(serverOrigin, outcome.continue)
}

function declining({ path }: Approval, { service, serverOrigin }: Next): Act {
  return async wait => {
    wait(messages.sending)
    const outcome = await service.post(`${path}/decline`, {}, continuation)
    return continuationAt(serverOrigin, outcome.continue)
  }
}

interface ButtonsProps extends Omit<WayButtonsProps, 'isDisabled'> {
  readonly isIdle: boolean
  readonly isReady: boolean
  readonly onDecline: () => void
}

function Buttons({ isIdle, isReady, onDecline, ...ways }: ButtonsProps) {
  const say = useSay()
  return (
    <>
      <div class="acts">
        <WayButtons {...ways} isDisabled={!isIdle || !isReady} />
        <button type="button" id="decline" disabled={!isIdle} onClick={onDecline}>
          {say(messages.decline)}
        </button>
      </div>
      {isIdle && <p class="quiet">{say(noteFor(ways))}</p>}
    </>
  )
}

function noteFor({ ways, isLoggedIn }: Pick<WayButtonsProps, 'ways' | 'isLoggedIn'>): Sentence {
  if (isLoggedIn) return messages.loggedIn
  return ways.includes('passkey') ? messages.approveNote : messages.logInNote
}
