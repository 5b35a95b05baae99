/** Enrolment (sole-control 6): the person sees what was vouched for and shows by which means he approves. */
import { browserPlatform } from '@natsuin/pki/browser'
import {
  type EnrolTicket,
  type GivenCode,
  type Means,
  type MeansName,
  meansFor,
  type SubjectAttributes,
  toWire,
} from '@natsuin/protocol/approval'
import { useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from './ceremony.tsx'
import { boxedCodes, codeMeansIn, NOTHING_TYPED, newSecret, type Typed, unready } from './codes.ts'
import { CodesSection } from './codes-section.tsx'
import type { Deployment } from './deployment.ts'
import { enrolmentBytes, signEnrolment } from './enrolment.ts'
import { messages } from './messages.ts'
import type { Enrolment } from './open-enrolment.ts'
import { createPasskey } from './passkey.ts'
import { Problem } from './problem.ts'
import { continuationAt, enrolled, type Service } from './service.ts'
import { type Act, useAct } from './use-act.ts'
import { useLogIn } from './use-log-in.ts'
import { GiveUpLogIn } from './way-buttons.tsx'

interface EnrolPageProps {
  readonly enrolment: Enrolment
  readonly deployment: Deployment
  readonly service: Service
}

export function EnrolPage({ enrolment, deployment, service }: EnrolPageProps) {
  const say = useSay()
  const { waiting, problem, act, run } = useAct()
  const { logIn, giveUp } = useLogIn()
  const [secret] = useState(newSecret)
  const [typed, setTyped] = useState<Typed>(NOTHING_TYPED)
  const [account, setAccount] = useState<GivenCode>()
  const { ticket } = enrolment
  const { provider, level } = ticket
  const wanted = meansFor(ticket.approvals) ?? []
  const codes = codeMeansIn(wanted)
  const isReady = codes === undefined || unready(typed, codes) === undefined
  const enrol = (given = account) =>
    enrolling(enrolment, { typed, secret, account: given }, deployment, service)
  const askProvider = (): Promise<GivenCode> => {
    if (provider === undefined) throw new Problem('refused')
    return logIn({ provider, level, statement: enrolmentBytes(enrolment.ticketText) })
  }
  const linking: Act = async wait => {
    wait(messages.loggingIn)
    return enrol(await askProvider())(wait)
  }
  const isLoggingIn = wanted.includes('provider') && account === undefined
  const isOnlyLogIn = wanted.length === 1
  const left = useSecondsLeft(enrolment.ticket, enrolment.openedAt)
  return (
    <Frame {...headingFor(wanted)} foot={messages.foot}>
      <SubjectFacts ticket={ticket} left={left} />
      {codes && (
        <CodesSection means={codes} secret={secret} owner={ownerOf(ticket)} typed={typed} onType={setTyped} />
      )}
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <div class="acts">
          {isLoggingIn ? (
            <button
              type="button"
              class="primary"
              id="log-in"
              disabled={waiting !== undefined}
              onClick={() =>
                isOnlyLogIn
                  ? act(linking)
                  : run(messages.loggingIn, async () => setAccount(await askProvider()))
              }
            >
              {say(isOnlyLogIn ? messages.enrolAtProvider : messages.logInFirst)(provider?.name ?? '')}
            </button>
          ) : (
            <button
              type="button"
              class="primary"
              id="enrol"
              disabled={waiting !== undefined || !isReady}
              onClick={() => {
                // Its code is good for one try.
                setAccount(undefined)
                act(enrol())
              }}
            >
              {say(wanted.includes('passkey') ? messages.enrol : messages.enrolCodes)}
            </button>
          )}
        </div>
      )}
      {account !== undefined && waiting === undefined && <p class="quiet">{say(messages.loggedIn)}</p>}
      {waiting === messages.loggingIn && <GiveUpLogIn onGiveUp={giveUp} />}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

/** A new device may first have to be set up for passkeys. */
const PASSKEY_TIMEOUT_MS = 180_000

function headingFor(wanted: readonly MeansName[]) {
  if (!wanted.includes('provider')) return { title: messages.enrolTitle, lead: messages.enrolLead }
  const lead = wanted.includes('passkey') ? messages.enrolBothLead : messages.enrolProviderLead
  return { title: messages.enrolProviderTitle, lead }
}

/** What the person has typed, the secret that this page made for his app, and his log-in at the provider. */
interface Given {
  readonly typed: Typed
  readonly secret: Uint8Array
  readonly account: GivenCode | undefined
}

function enrolling(enrolment: Enrolment, given: Given, { serverOrigin }: Deployment, service: Service): Act {
  const { path, ticketText, enrolmentKey } = enrolment
  return async wait => {
    const statement = enrolmentBytes(ticketText)
    const means = await shownMeans(enrolment, statement, given, () => wait(messages.confirming))
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
  { typed, secret, account }: Given,
  onPasskey: () => void,
): Promise<Means> {
  const { approvals, attested, boxKey } = ticket
  const wanted = meansFor(approvals) ?? []
  const codes = codeMeansIn(wanted)
  if (wanted.includes('passkey')) onPasskey()
  const question = { statement, timeoutMs: PASSKEY_TIMEOUT_MS }
  const passkey = wanted.includes('passkey') && (await createPasskey(question, ownerOf(ticket), { attested }))
  const box = { statement, digest: browserPlatform }
  return {
    ...(passkey && { passkey }),
    ...(account && { provider: account }),
    ...(codes && boxKey && (await boxedCodes(typed, secret, codes, { ...box, boxKey }))),
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
