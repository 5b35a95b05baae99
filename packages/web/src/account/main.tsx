/**
 * The account of a signer. At the end of an enrolment: a passkey for logging in, registered with the one-time token of the
 * fragment. Otherwise: log-in, and the passkeys that approve.
 */
import { render } from 'preact'
import { useState } from 'preact/hooks'
import { Frame, Speaking, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { post } from '../ask.ts'
import { FailureNotice } from '../failure-notice.tsx'
import { messages } from '../messages.ts'
import { registerPasskey } from '../passkey.ts'
import { useAct } from '../use-act.ts'
import { AccountPage } from './account-page.tsx'

/** Takes the token out of the address bar and the history. */
function takeToken(): string | undefined {
  const token = /^#token=([\w-]{1,64})$/.exec(location.hash)?.[1]
  history.replaceState(null, '', location.pathname)
  return token
}

async function register(token: string): Promise<void> {
  const { options } = await post('/account/passkey/options', { token })
  const registration = await registerPasskey(options)
  const { signerId } = await post('/account/passkey', { token, registration })
  // Whoever opened this window may learn that the enrolment is done; the identifier opens nothing.
  window.opener?.postMessage({ natsuin: 'enrolled', signerId }, '*')
}

function RegisterPage({ token }: { token: string }) {
  const say = useSay()
  const [done, setDone] = useState(false)
  const { waiting, failure, act } = useAct()
  const start = (given: string) =>
    act(messages.confirming, async () => {
      await register(given)
      setDone(true)
    })
  return (
    <Frame title={messages.accountTitle} lead={messages.accountLead} foot={messages.foot}>
      {done ? (
        <section class="notice good" id="done" role="status">
          <h2>{say(messages.accountDone)}</h2>
          <p>{say(messages.closeWindow)}</p>
        </section>
      ) : (
        <div class="acts">
          <button
            type="button"
            class="primary"
            id="register"
            disabled={waiting !== undefined}
            onClick={() => start(token)}
          >
            {say(messages.accountRegister)}
          </button>
        </div>
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

const token = takeToken()
const root = document.getElementById('page')
if (root !== null) {
  render(<Speaking>{token === undefined ? <AccountPage /> : <RegisterPage token={token} />}</Speaking>, root)
}
