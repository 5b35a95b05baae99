/** Enrolment (sole-control 6): the person sees what was vouched for and shows by which means he approves. */
import { browserPlatform } from '@natsuin/pki/browser'
import {
  type EnrolTicket,
  type Means,
  meansFor,
  type SubjectAttributes,
  toWire,
} from '@natsuin/protocol/approval'
import { useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from './ceremony.tsx'
import { boxedCodes, newSecret, type Typed, unready } from './codes.ts'
import { CodesSection } from './codes-section.tsx'
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
  const [secret] = useState(newSecret)
  const [typed, setTyped] = useState<Typed>({ pin: '', again: '', code: '' })
  const { ticket } = enrolment
  const wanted = meansFor(ticket.approvals) ?? []
  const isReady = !wanted.includes('pinTotp') || unready(typed) === undefined
  const codes = { typed, secret }
  const left = useSecondsLeft(enrolment.ticket, enrolment.openedAt)
  return (
    <Frame title={messages.enrolTitle} lead={messages.enrolLead} foot={messages.foot}>
      <SubjectFacts ticket={ticket} left={left} />
      {wanted.includes('pinTotp') && (
        <CodesSection secret={secret} owner={ownerOf(ticket)} typed={typed} onType={setTyped} />
      )}
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <div class="acts">
          <button
            type="button"
            class="primary"
            id="enrol"
            disabled={waiting !== undefined || !isReady}
            onClick={() => act(enrolling(enrolment, codes, deployment, service))}
          >
            {say(wanted.includes('passkey') ? messages.enrol : messages.enrolCodes)}
          </button>
        </div>
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

/** A new device may first have to be set up for passkeys. */
const PASSKEY_TIMEOUT_MS = 180_000

/** What the person has typed, and the secret that this page made for his app. */
interface Codes {
  readonly typed: Typed
  readonly secret: Uint8Array
}

function enrolling(enrolment: Enrolment, codes: Codes, { serverOrigin }: Deployment, service: Service): Act {
  const { path, ticketText, enrolmentKey } = enrolment
  return async wait => {
    const statement = enrolmentBytes(ticketText)
    const means = await shownMeans(enrolment, statement, codes, () => wait(messages.confirming))
    wait(messages.makingKey)
    const enrolmentSignature = await signEnrolment(enrolmentKey, statement, means, browserPlatform)
    const body = toWire({ statement, means, enrolmentSignature })
    return continuationAt(serverOrigin, (await service.post(path, body, enrolled)).continue)
  }
}

/** All that the class takes: the passkey first, because a code is good for a minute only. */
async function shownMeans(
  { ticket }: Enrolment,
  statement: Uint8Array<ArrayBuffer>,
  { typed, secret }: Codes,
  onPasskey: () => void,
): Promise<Means> {
  const { approvals, attested, boxKey } = ticket
  const wanted = meansFor(approvals) ?? []
  if (wanted.includes('passkey')) onPasskey()
  const question = { statement, timeoutMs: PASSKEY_TIMEOUT_MS }
  const passkey = wanted.includes('passkey') && (await createPasskey(question, ownerOf(ticket), { attested }))
  const box = { statement, digest: browserPlatform }
  return {
    ...(passkey && { passkey }),
    ...(boxKey && { pinTotp: await boxedCodes(typed, secret, { ...box, boxKey }) }),
  }
}

const ownerOf = ({ subject, deployment }: EnrolTicket) => ({ name: subject.commonName, service: deployment })

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
