import { useSay } from '../../../../faces/frame.tsx'
import { messages } from '../messages.ts'
import type { Judgement } from './desk.ts'

/** Who checked a signature, and what each said in his own words. */
export function JudgeList({ judges }: { judges: readonly Judgement[] }) {
  const say = useSay()
  const names = say(messages.judges)
  return (
    <ul class="judges">
      {judges.map(({ name, verdict, good }) => (
        <li key={name} data-good={good}>
          <span class={good ? 'badge good' : 'badge bad'} aria-hidden="true">
            {good ? '✓' : '✕'}
          </span>
          <span>
            <strong>{names[name] ?? name}</strong>
            <span class="quiet">{verdict}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}
