/** A change of the signer's passkeys (sole-control 6): what it is from the ticket alone, approved with one that he has. */
import {
  type AddAuthenticatorTicket,
  type Registration,
  type RemoveAuthenticatorTicket,
  registrationBytes,
  toWire,
} from '@natsuin/protocol/approval'
import type { ComponentChildren, ComponentProps } from 'preact'
import { useState } from 'preact/hooks'
import { Frame, useLanguage, useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { Waiting } from '../../../../faces/waiting.tsx'
import { Acts, Button } from './acts.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from './ceremony.tsx'
import type { Deployment } from './deployment.ts'
import { messages } from './messages.ts'
import type { PasskeyChange } from './open-passkey-change.ts'
import { askPasskey, createPasskey } from './passkey.ts'
import { additionBytes, removalBytes } from './passkey-change.ts'
import { continuation, continuationAt, type Service } from './service.ts'
import { type Act, useAct } from './use-act.ts'

interface PasskeyPageProps {
  readonly change: PasskeyChange
  readonly deployment: Deployment
  readonly service: Service
}

export function PasskeyPage({ change, ...link }: PasskeyPageProps) {
  const { ticket } = change
  return ticket.purpose === 'add-authenticator' ? (
    <AddPage change={{ ...change, ticket }} {...link} />
  ) : (
    <RemovePage change={{ ...change, ticket }} {...link} />
  )
}

/** A new device may first have to be set up for passkeys. */
const PASSKEY_TIMEOUT_MS = 180_000

interface ChangeProps<T> {
  readonly change: PasskeyChange<T>
  readonly deployment: Deployment
  readonly service: Service
}

/** Two steps with a button each: browsers want a gesture of the person's for each question to a passkey. */
function AddPage({ change, deployment, service }: ChangeProps<AddAuthenticatorTicket>) {
  const say = useSay()
  const { waiting, problem, act, run } = useAct()
  const [label, setLabel] = useState<string>()
  const [registration, setRegistration] = useState<Registration>()
  const name = label ?? say(messages.passkeyDefaultLabel)
  return (
    <Frame title={messages.addTitle} lead={messages.addLead} foot={messages.foot}>
      <ChangeFacts change={change} />
      <label class="field">
        <span>{say(messages.passkeyLabel)}</span>
        <input
          id="label"
          maxLength={64}
          value={name}
          onInput={event => setLabel(event.currentTarget.value)}
        />
      </label>
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <ActWithNote
          id={registration === undefined ? 'create' : 'confirm'}
          says={registration === undefined ? messages.addCreate : messages.addConfirm}
          note={registration === undefined ? messages.addCreateNote : messages.addConfirmNote}
          disabled={waiting !== undefined || name.trim() === ''}
          onClick={() =>
            registration === undefined
              ? run(messages.confirming, async () => setRegistration(await creating(change)))
              : act(
                  confirming(
                    change,
                    additionBytes(change.ticketText, name.trim(), registration),
                    deployment,
                    service,
                  ),
                )
          }
        />
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

function creating({
  ticketText,
  ticket,
  allow,
}: PasskeyChange<AddAuthenticatorTicket>): Promise<Registration> {
  const question = { statement: registrationBytes(ticketText), timeoutMs: PASSKEY_TIMEOUT_MS }
  return createPasskey(
    question,
    { name: ticket.signer.name, service: ticket.deployment },
    { attested: ticket.attested, exclude: allow },
  )
}

function RemovePage({ change, deployment, service }: ChangeProps<RemoveAuthenticatorTicket>) {
  const { waiting, problem, act } = useAct()
  return (
    <Frame title={messages.removeTitle} lead={messages.removeLead} foot={messages.foot}>
      <ChangeFacts change={change}>
        <RemovedPasskey ticket={change.ticket} />
      </ChangeFacts>
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <ActWithNote
          id="confirm"
          says={messages.removeConfirm}
          note={messages.removeNote}
          disabled={waiting !== undefined}
          onClick={() => act(confirming(change, removalBytes(change.ticketText), deployment, service))}
        />
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

/** Approves the statement with a passkey that the signer has. */
function confirming(
  { path, allow }: PasskeyChange,
  statement: Uint8Array<ArrayBuffer>,
  { serverOrigin }: Deployment,
  service: Service,
): Act {
  return async wait => {
    wait(messages.confirming)
    const assertion = await askPasskey({ statement, timeoutMs: PASSKEY_TIMEOUT_MS }, allow)
    wait(messages.sending)
    const outcome = await service.post(path, toWire({ statement, assertion }), continuation)
    return continuationAt(serverOrigin, outcome.continue)
  }
}

function ChangeFacts({ change, children }: { change: PasskeyChange; children?: ComponentChildren }) {
  const say = useSay()
  const left = useSecondsLeft(change.ticket, change.openedAt)
  return (
    <section class="sheet">
      <dl class="facts">
        <dt>{say(messages.signer)}</dt>
        <dd class="principal">{change.ticket.signer.name}</dd>
        {children}
        <dt>{say(messages.timeLeft)}</dt>
        <dd>
          <TimeLeft seconds={left} />
        </dd>
      </dl>
    </section>
  )
}

function RemovedPasskey({ ticket: { authenticator } }: { ticket: RemoveAuthenticatorTicket }) {
  const say = useSay()
  const language = useLanguage()
  const since = new Date(authenticator.registeredAt * 1000).toLocaleString(language)
  return (
    <>
      <dt>{say(messages.removedPasskey)}</dt>
      <dd class="principal">{authenticator.label ?? say(messages.firstPasskey)}</dd>
      <dt>{say(messages.passkeySince)}</dt>
      <dd>{since}</dd>
    </>
  )
}

function ActWithNote({ note, ...button }: ComponentProps<typeof Button> & { readonly note: Sentence }) {
  const say = useSay()
  return (
    <>
      <Acts>
        <Button {...button} />
      </Acts>
      <p class="quiet">{say(note)}</p>
    </>
  )
}
