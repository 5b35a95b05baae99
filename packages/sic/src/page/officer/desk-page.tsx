/**
 * The registration officer's page: he writes down whom he proofed, reads it once more, and vouches with his passkey;
 * where two have to, the other one's answer comes back here. The invitation is made last, and shown once.
 */
import { browserPlatform } from '@natsuin/pki/browser'
import {
  type CarriedApproval,
  carriedApproval,
  readCarried,
  writeCarried,
} from '@natsuin/protocol/administration'
import { type EnrolmentGrant, toWire } from '@natsuin/protocol/approval'
import { ShapeError } from '@natsuin/protocol/shape'
import { useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../../faces/frame.tsx'
import { Waiting } from '../../../../../faces/waiting.tsx'
import { Acts, Button } from '../acts.tsx'
import { LinkToCopy } from '../administration/code-to-copy.tsx'
import { canRetry, ProblemNotice } from '../ceremony.tsx'
import type { Deployment } from '../deployment.ts'
import { messages } from '../messages.ts'
import { askPasskey } from '../passkey.ts'
import { Problem } from '../problem.ts'
import { grantAnswer, type Service } from '../service.ts'
import { useAct } from '../use-act.ts'
import { GrantFacts } from './grant-facts.tsx'
import { GrantFields } from './grant-fields.tsx'
import { type FormField, type GrantForm, grantOf } from './grant-form.ts'
import { officerMessages as words } from './messages.ts'
import {
  askTicket,
  createEnrolmentKey,
  type EnrolmentKey,
  grantBytes,
  invitationLink,
  type OfficerTicket,
  officersFor,
} from './vouching.ts'

interface DeskProps {
  readonly desk: OfficerTicket
  readonly deployment: Deployment
  readonly service: Service
}

type Step =
  | { readonly at: 'form'; readonly wrong?: FormField }
  | { readonly at: 'review'; readonly grant: EnrolmentGrant; readonly key: EnrolmentKey }
  | {
      readonly at: 'second'
      readonly grant: EnrolmentGrant
      readonly key: EnrolmentKey
      readonly first: CarriedApproval
    }
  | { readonly at: 'invited'; readonly url: string }

/** Long enough to find the device. */
export const PASSKEY_TIMEOUT_MS = 180_000

export function DeskPage({ desk, deployment, service }: DeskProps) {
  const say = useSay()
  const { officer } = desk.ticket
  const [form, setForm] = useState(() => emptyForm(desk))
  const [step, setStep] = useState<Step>({ at: 'form' })
  const { waiting, problem, run } = useAct()
  const isBusy = waiting !== undefined
  const submit = async (approvals: readonly CarriedApproval[], key: EnrolmentKey) => {
    const { grantId } = await service.post('/grants', toWire({ approvals }), grantAnswer)
    setStep({ at: 'invited', url: await invitationLink(location.origin, grantId, key) })
  }
  const vouch = async (grant: EnrolmentGrant, key: EnrolmentKey) => {
    const first = await vouching(officer.id, grant, { deployment, service })
    const given = desk.classes.find(({ id }) => id === grant.credentialClass)
    if (given !== undefined && officersFor(given) > 1) setStep({ at: 'second', grant, key, first })
    else await submit([first], key)
  }
  const below = (
    <>
      {problem && <ProblemNotice problem={problem} />}
      <Waiting sentence={waiting} />
    </>
  )
  switch (step.at) {
    case 'form':
      return (
        <Frame title={words.title} lead={words.lead} foot={words.foot}>
          <OfficerFacts name={officer.name} />
          <GrantFields form={form} classes={classesIn(desk)} wrong={step.wrong} onChange={setForm} />
          <Acts>
            <Button
              id="review"
              says={words.review}
              disabled={isBusy}
              onClick={() => run(messages.loading, async () => setStep(await reviewing(form, desk)))}
            />
          </Acts>
          {below}
        </Frame>
      )
    case 'review':
      return (
        <Frame title={words.reviewTitle} lead={words.reviewLead} foot={words.foot}>
          <OfficerFacts name={officer.name} />
          <GrantFacts grant={step.grant} />
          <Acts>
            {(problem === undefined || canRetry(problem)) && (
              <Button
                id="vouch"
                says={words.vouch}
                disabled={isBusy}
                onClick={() => run(messages.confirming, () => vouch(step.grant, step.key))}
              />
            )}
            <button type="button" id="back" disabled={isBusy} onClick={() => setStep({ at: 'form' })}>
              {say(words.back)}
            </button>
          </Acts>
          {below}
        </Frame>
      )
    case 'second':
      return (
        <Frame title={words.secondTitle} lead={words.secondLead} foot={words.foot}>
          <LinkToCopy
            heading={words.secondLink}
            text={`${location.origin}/#vouch=${writeCarried(step.first)}`}
          />
          <SecondCode
            isBusy={isBusy}
            onCode={second => run(messages.sending, () => submit([step.first, second], step.key))}
          />
          {below}
        </Frame>
      )
    case 'invited':
      return (
        <Frame title={words.invitedTitle} lead={words.invitedLead} foot={words.foot}>
          <LinkToCopy heading={words.invitedLink} note={words.invitedNote} text={step.url} />
        </Frame>
      )
  }
}

/** The form as a grant, with a key that is new, or the form again. */
async function reviewing(form: GrantForm, { classes }: OfficerTicket): Promise<Step> {
  const key = await createEnrolmentKey()
  const nonce = crypto.getRandomValues(new Uint8Array(16))
  const grant = grantOf(form, { classes, enrolmentKey: key.publicKey, nonce, now: new Date() })
  return 'wrong' in grant ? { at: 'form', wrong: grant.wrong } : { at: 'review', grant, key }
}

/** One officer's answer, to a ticket that is as new as can be. @throws Problem */
export async function vouching(
  officerId: string,
  grant: EnrolmentGrant,
  { deployment, service }: Pick<DeskProps, 'deployment' | 'service'>,
): Promise<CarriedApproval> {
  const { ticketText, allow } = await askTicket(officerId, { deployment, service, verifier: browserPlatform })
  const statement = grantBytes(ticketText, grant)
  const assertion = await askPasskey({ statement, timeoutMs: PASSKEY_TIMEOUT_MS }, allow)
  return { statement, assertion }
}

/** Keys that come from elsewhere travel in packages, which this page does not carry (docs/keys.md). */
const classesIn = ({ classes }: OfficerTicket) => classes.filter(({ keys }) => keys !== 'imported')

function emptyForm(desk: OfficerTicket): GrantForm {
  const now = new Date()
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
  return {
    commonName: '',
    givenName: '',
    surname: '',
    serialNumber: '',
    organizationName: '',
    countryName: '',
    classId: classesIn(desk)[0]?.id ?? '',
    method: 'in-person',
    proofingLevel: '2',
    completedOn: day.map(part => String(part).padStart(2, '0')).join('-'),
    evidenceDigest: undefined,
    replaces: '',
    hours: String(Math.min(24, desk.grantHours)),
  }
}

function OfficerFacts({ name }: { name: string }) {
  const say = useSay()
  return (
    <section class="sheet">
      <dl class="facts">
        <dt>{say(words.officer)}</dt>
        <dd class="principal">
          <bdi>{name}</bdi>
        </dd>
      </dl>
    </section>
  )
}

function SecondCode({ isBusy, onCode }: { isBusy: boolean; onCode: (approval: CarriedApproval) => void }) {
  const say = useSay()
  const [code, setCode] = useState('')
  const [isWrong, setWrong] = useState(false)
  const read = () => {
    const approval = approvalIn(code)
    setWrong(approval === undefined)
    if (approval !== undefined) onCode(approval)
  }
  return (
    <section class="sheet">
      <label class="field">
        <span>{say(words.secondCode)}</span>
        <textarea
          id="second"
          rows={6}
          aria-invalid={isWrong}
          value={code}
          onInput={event => setCode(event.currentTarget.value)}
        />
        {isWrong && <strong role="alert">{say(words.secondWrong)}</strong>}
      </label>
      <Acts>
        <Button id="finish" says={words.finish} disabled={isBusy || code === ''} onClick={read} />
      </Acts>
    </section>
  )
}

function approvalIn(code: string): CarriedApproval | undefined {
  try {
    return readCarried(code, carriedApproval)
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw new Problem('fault', {}, { cause: error })
  }
}
