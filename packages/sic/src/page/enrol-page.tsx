/** Enrolment (sole-control 6): the person sees what was vouched for and registers a passkey. */
import { browserPlatform } from '@natsuin/pki/browser'
import { type EnrolTicket, type SubjectAttributes, toWire } from '@natsuin/protocol/approval'
import { Frame, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from './ceremony.tsx'
import type { Deployment } from './deployment.ts'
import { enrolmentBytes, signEnrolment } from './enrolment.ts'
import { messages } from './messages.ts'
import type { Enrolment } from './open-enrolment.ts'
import { createPasskey } from './passkey.ts'
import { continuationAt, enrolled, type Service } from './service.ts'
import { type Act, useAct } from './use-act.ts'

interface EnrolPageProps {
  readonly enrolment: Enrolment
  readonly deployment: Deployment
  readonly service: Service
}

export function EnrolPage({ enrolment, deployment, service }: EnrolPageProps) {
  const say = useSay()
  const { waiting, problem, act } = useAct()
  const left = useSecondsLeft(enrolment.ticket, enrolment.openedAt)
  return (
    <Frame title={messages.enrolTitle} lead={messages.enrolLead} foot={messages.foot}>
      <SubjectFacts ticket={enrolment.ticket} left={left} />
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <div class="acts">
          <button
            type="button"
            class="primary"
            id="enrol"
            disabled={waiting !== undefined}
            onClick={() => act(enrolling(enrolment, deployment, service))}
          >
            {say(messages.enrol)}
          </button>
        </div>
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

/** A new device may first have to be set up for passkeys. */
const PASSKEY_TIMEOUT_MS = 180_000

function enrolling(
  { path, ticket, ticketText, enrolmentKey }: Enrolment,
  { serverOrigin }: Deployment,
  service: Service,
): Act {
  return async wait => {
    wait(messages.confirming)
    const statement = enrolmentBytes(ticketText)
    const passkey = await createPasskey(
      { statement, timeoutMs: PASSKEY_TIMEOUT_MS },
      { name: ticket.subject.commonName, service: ticket.deployment },
      { attested: ticket.attested },
    )
    wait(messages.makingKey)
    const enrolmentSignature = await signEnrolment(enrolmentKey, statement, { passkey }, browserPlatform)
    const body = toWire({ statement, means: { passkey }, enrolmentSignature })
    return continuationAt(serverOrigin, (await service.post(path, body, enrolled)).continue)
  }
}

/** In the order in which they are shown. */
const ATTRIBUTES = [
  'commonName',
  'givenName',
  'surname',
  'serialNumber',
  'organizationName',
  'organizationIdentifier',
  'countryName',
] as const satisfies readonly (keyof SubjectAttributes)[]

function SubjectFacts({ ticket, left }: { ticket: EnrolTicket; left: number }) {
  const say = useSay()
  const { subject } = ticket
  return (
    <section class="sheet" aria-labelledby="subject">
      <h2 id="subject">{say(messages.enrolHeading)}</h2>
      <dl class="facts">
        {ATTRIBUTES.filter(name => subject[name] !== undefined).flatMap(name => [
          <dt key={`${name}-name`}>{say(messages[name])}</dt>,
          <dd key={name} class={name === 'commonName' ? 'principal' : ''}>
            {subject[name]}
          </dd>,
        ])}
        <dt>{say(messages.credentialClass)}</dt>
        <dd>{ticket.credentialClass}</dd>
        <dt>{say(messages.level)}</dt>
        <dd>{say(messages.levels)[ticket.level]}</dd>
        <dt>{say(messages.timeLeft)}</dt>
        <dd>
          <TimeLeft seconds={left} />
        </dd>
      </dl>
      <p class="quiet">{say(messages.enrolCheck)}</p>
    </section>
  )
}
