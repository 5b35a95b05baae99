/** What applications ask the signer for, each with the way to the approval page. */
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import { messages } from '../messages.ts'
import type { WaitingApproval } from './account.ts'

export function WaitingSection({ waiting }: { readonly waiting: readonly WaitingApproval[] }) {
  const say = useSay()
  return (
    <section class="sheet" aria-labelledby="waiting">
      <h2 id="waiting">{say(messages.waitingHeading)}</h2>
      {waiting.length === 0 ? (
        <p class="quiet" id="nothing-waits">
          {say(messages.nothingWaits)}
        </p>
      ) : (
        <ul class="rows">
          {waiting.map(one => (
            <WaitingRow key={one.address} asked={one} />
          ))}
        </ul>
      )}
      <p class="quiet">{say(messages.waitingNote)}</p>
    </section>
  )
}

function WaitingRow({ asked }: { readonly asked: WaitingApproval }) {
  const say = useSay()
  const language = useLanguage()
  const { client, credential, labels, expiresAt, address } = asked
  const [first = '', ...more] = labels
  return (
    <li>
      <span>
        <strong>{client}</strong>
        <span class="quiet">
          {say(messages.waitingFor)({ first, more: more.length })} · {credential} ·{' '}
          {say(messages.waitingUntil)(expiresAt.toLocaleTimeString(language))}
        </span>
      </span>
      <a class="button" href={address}>
        {say(messages.lookAndDecide)}
      </a>
    </li>
  )
}
