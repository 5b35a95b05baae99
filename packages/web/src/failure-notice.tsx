import { useSay } from '../../../faces/frame.tsx'
import type { Failure } from './failure.ts'
import { messages } from './messages.ts'

/** Tells what did not work. */
export function FailureNotice({ failure: { code, sentence } }: { failure: Failure }) {
  const say = useSay()
  return (
    <section class="notice bad" role="alert" data-failure={code}>
      <h2>{say(messages.failureHeading)}</h2>
      <p>{say(sentence)}</p>
      <p class="quiet">
        {say(messages.failureCode)}: <code>{code}</code>
      </p>
    </section>
  )
}
