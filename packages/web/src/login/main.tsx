/** Logging in with a passkey, which is also the consent to what the named application asks for. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { continuationIn, post } from '../ask.ts'
import { FailureNotice } from '../failure-notice.tsx'
import { messages } from '../messages.ts'
import { assertPasskey } from '../passkey.ts'
import { useAct } from '../use-act.ts'

const SCOPES = ['service', 'credential-creation', 'credential-deletion'] as const
type Scope = (typeof SCOPES)[number]

/** What the signer agrees to by logging in. */
const ASKED = {
  service: { asks: messages.logInAsks, meaning: messages.logInMeaning },
  'credential-creation': { asks: messages.creationAsks, meaning: messages.creationMeaning },
  'credential-deletion': { asks: messages.deletionAsks, meaning: messages.deletionMeaning },
} as const satisfies Record<Scope, object>

interface Opened {
  readonly clientName: string
  readonly scope: Scope
  readonly options: unknown
}

async function open(): Promise<Opened> {
  const { client, scope: given, options } = await post(`${location.pathname}/options`, {})
  const name = typeof client === 'object' && client !== null && 'name' in client ? client.name : ''
  const scope = SCOPES.find(known => known === given)
  if (scope === undefined) throw new TypeError('a scope that this page has no words for')
  return { clientName: String(name), scope, options }
}

async function logIn({ options }: Opened): Promise<void> {
  const assertion = await assertPasskey(options)
  location.replace(continuationIn(await post(location.pathname, { assertion }), location.origin))
}

async function cancel(): Promise<void> {
  location.replace(continuationIn(await post(`${location.pathname}/cancel`, {}), location.origin))
}

function LogInPage() {
  const say = useSay()
  const [opened, setOpened] = useState<Opened>()
  const { waiting, failure, act } = useAct()
  useEffect(() => void act(messages.opening, async () => setOpened(await open())), [])
  return (
    <Frame title={messages.logInTitle} foot={messages.foot}>
      {opened && (
        <section class="sheet">
          <p>{say(ASKED[opened.scope].asks)(opened.clientName)}</p>
          <p class="quiet">{say(ASKED[opened.scope].meaning)}</p>
          <div class="acts">
            <button
              type="button"
              class="primary"
              id="log-in"
              disabled={waiting !== undefined}
              onClick={() => act(messages.confirming, () => logIn(opened))}
            >
              {say(messages.logIn)}
            </button>
            <button
              type="button"
              id="cancel"
              disabled={waiting !== undefined}
              onClick={() => act(messages.leaving, cancel)}
            >
              {say(messages.cancel)}
            </button>
          </div>
        </section>
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <LogInPage />
    </Speaking>,
    root,
  )
}
