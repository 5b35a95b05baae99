/** Another registration officer vouches for the same person: what the first one wrote down, to be read and not changed. */
import { writeCarried } from '@natsuin/protocol/administration'
import { useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../../faces/frame.tsx'
import { Waiting } from '../../../../../faces/waiting.tsx'
import { Acts, Button } from '../acts.tsx'
import { CodeToCopy } from '../administration/code-to-copy.tsx'
import { canRetry, ProblemNotice, TimeLeft, useSecondsLeft } from '../ceremony.tsx'
import type { Deployment } from '../deployment.ts'
import { messages } from '../messages.ts'
import type { Service } from '../service.ts'
import { useAct } from '../use-act.ts'
import { vouching } from './desk-page.tsx'
import { GrantFacts } from './grant-facts.tsx'
import { officerMessages as words } from './messages.ts'
import type { FirstVouching } from './vouching.ts'

interface SecondPageProps {
  readonly first: FirstVouching
  readonly openedAt: number
  readonly deployment: Deployment
  readonly service: Service
}

export function SecondPage({ first, openedAt, deployment, service }: SecondPageProps) {
  const say = useSay()
  const { waiting, problem, run } = useAct()
  const [officerId, setOfficerId] = useState('')
  const [code, setCode] = useState<string>()
  const left = useSecondsLeft(first.ticket, openedAt)
  const isSame = officerId === first.ticket.officer.id
  const vouch = async () =>
    setCode(writeCarried(await vouching(officerId, first.grant, { deployment, service })))
  if (code !== undefined)
    return (
      <Frame title={words.vouchedHeading} foot={words.foot}>
        <CodeToCopy code={code} />
      </Frame>
    )
  return (
    <Frame title={words.reviewTitle} lead={words.reviewLead} foot={words.foot}>
      <section class="sheet">
        <dl class="facts">
          <dt>{say(words.first)}</dt>
          <dd class="principal">
            <bdi>{first.ticket.officer.name}</bdi>
          </dd>
          <dt>{say(messages.timeLeft)}</dt>
          <dd>
            <TimeLeft seconds={left} />
          </dd>
        </dl>
      </section>
      <GrantFacts grant={first.grant} />
      <label class="field">
        <span>{say(words.yourId)}</span>
        <input
          id="officer"
          maxLength={64}
          value={officerId}
          onInput={event => setOfficerId(event.currentTarget.value.trim())}
        />
        {isSame && <strong role="alert">{say(words.same)}</strong>}
      </label>
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem) || problem.code === 'refused') && (
        <Acts>
          <Button
            id="vouch"
            says={words.vouch}
            disabled={waiting !== undefined || !/^[A-Za-z0-9_-]+$/.test(officerId) || isSame}
            onClick={() => run(messages.confirming, vouch)}
          />
        </Acts>
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}
