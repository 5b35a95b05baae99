/** What is being waited for, also for those who do not see the screen. */
import { useSay } from './frame.tsx'
import type { Sentence } from './language.ts'

export function Waiting({ sentence }: { sentence: Sentence | undefined }) {
  const say = useSay()
  return (
    <p class={sentence === undefined ? 'unseen-text' : 'busy quiet'} role="status">
      {sentence === undefined ? '' : say(sentence)}
    </p>
  )
}
