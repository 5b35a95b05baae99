/** Somebody who is to be in the roster makes a passkey here, and carries it to those who admit him (sole-control 8). */
import { browserPlatform } from '@natsuin/pki/browser'
import { fingerprintOf, type InvitedPerson, writeCarried } from '@natsuin/protocol/administration'
import { personStatement } from '@natsuin/protocol/approval'
import { useState } from 'preact/hooks'
import { Frame, useSay } from '../../../../../faces/frame.tsx'
import { Waiting } from '../../../../../faces/waiting.tsx'
import { Acts, Button } from '../acts.tsx'
import { canRetry, ProblemNotice } from '../ceremony.tsx'
import { messages } from '../messages.ts'
import { createPasskey } from '../passkey.ts'
import { useAct } from '../use-act.ts'
import { CodeToCopy } from './code-to-copy.tsx'
import { administrationMessages as words } from './messages.ts'

/** A new device may first have to be set up for passkeys. */
const PASSKEY_TIMEOUT_MS = 180_000

interface Registered {
  readonly code: string
  readonly fingerprint: string
}

export function RegisterPage({ invited }: { invited: InvitedPerson }) {
  const say = useSay()
  const { waiting, problem, run } = useAct()
  const [registered, setRegistered] = useState<Registered>()
  const register = async () => setRegistered(await registering(invited))
  if (registered !== undefined) return <Made {...registered} />
  return (
    <Frame title={words.registerTitle} lead={words.registerLead} foot={words.foot}>
      <section class="sheet">
        <dl class="facts">
          <dt>{say(words.registerName)}</dt>
          <dd class="principal">
            <bdi>{invited.name}</bdi>
          </dd>
          <dt>{say(words.registerId)}</dt>
          <dd>{invited.personId}</dd>
          <dt>{say(words.service)}</dt>
          <dd>
            <bdi>{invited.deployment}</bdi>
          </dd>
        </dl>
      </section>
      {problem && <ProblemNotice problem={problem} />}
      {(problem === undefined || canRetry(problem)) && (
        <Acts>
          <Button
            id="register"
            says={words.register}
            disabled={waiting !== undefined}
            onClick={() => run(messages.confirming, register)}
          />
        </Acts>
      )}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

async function registering({ deployment, personId, name }: InvitedPerson): Promise<Registered> {
  const registration = await createPasskey(
    { statement: personStatement(deployment, personId), timeoutMs: PASSKEY_TIMEOUT_MS },
    { name, service: deployment },
    { attested: false },
  )
  const fingerprint = await fingerprintOf(registration, browserPlatform)
  return { code: writeCarried({ personId, registration }), fingerprint }
}

function Made({ code, fingerprint }: Registered) {
  const say = useSay()
  return (
    <Frame title={words.registeredHeading} foot={words.foot}>
      <section class="notice good" role="status">
        <h2>{say(words.fingerprint)}</h2>
        <p>
          <code id="fingerprint">{fingerprint}</code>
        </p>
        <p>{say(words.fingerprintNote)}</p>
      </section>
      <CodeToCopy code={code} />
    </Frame>
  )
}
