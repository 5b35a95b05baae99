/**
 * Logging in, which is also the consent to what the named application asks for: with a passkey, or, to call the service and no
 * more, at an identity provider with the account with which the signer enrolled.
 */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { continuationIn, elsewhereIn, post, refusalOf } from '../ask.ts'
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
  readonly providers: readonly Provider[]
}

interface Provider {
  readonly id: string
  readonly name: string
}

async function open(): Promise<Opened> {
  const { client, scope: given, options, providers } = await post(`${location.pathname}/options`, {})
  const name = typeof client === 'object' && client !== null && 'name' in client ? client.name : ''
  const scope = SCOPES.find(known => known === given)
  if (scope === undefined) throw new TypeError('a scope that this page has no words for')
  return { clientName: String(name), scope, options, providers: (providers ?? []) as readonly Provider[] }
}

/** Why the log-in elsewhere came to nothing, if this page was opened by one that did. */
function failedElsewhere(): string | undefined {
  const code = /^#failed=([a-z-]{1,64})$/.exec(location.hash)?.[1]
  if (code !== undefined) history.replaceState(null, '', location.pathname)
  return code
}

async function start(shown: (opened: Opened) => void): Promise<void> {
  const failed = failedElsewhere()
  shown(await open())
  if (failed !== undefined) throw refusalOf(failed)
}

async function logInAt({ id }: Provider): Promise<void> {
  location.assign(elsewhereIn(await post(`${location.pathname}/providers/${id}`, {})))
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
  useEffect(() => void act(messages.opening, () => start(setOpened)), [])
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
          <Elsewhere
            providers={opened.providers}
            idle={waiting === undefined}
            onChoose={provider => act(messages.leaving, () => logInAt(provider))}
          />
        </section>
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

interface ElsewhereProps {
  readonly providers: readonly Provider[]
  readonly idle: boolean
  readonly onChoose: (provider: Provider) => void
}

function Elsewhere({ providers, idle, onChoose }: ElsewhereProps) {
  const say = useSay()
  if (providers.length === 0) return null
  return (
    <>
      <div class="acts">
        {providers.map(provider => (
          <button
            key={provider.id}
            type="button"
            data-provider={provider.id}
            disabled={!idle}
            onClick={() => onChoose(provider)}
          >
            {say(messages.logInWith)(provider.name)}
          </button>
        ))}
      </div>
      <p class="quiet">{say(messages.logInElsewhere)}</p>
    </>
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
