/** The steps of a signature, in order, with the time that each took. */
import { useId } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { messages, stepMessages } from '../messages.ts'
import type { Step } from './step.ts'

export function Timeline({ steps }: { steps: readonly Step[] }) {
  const say = useSay()
  const heading = useId()
  return (
    <section class="sheet" aria-labelledby={heading}>
      <h2 id={heading}>{say(messages.timelineHeading)}</h2>
      <ol class="timeline">
        {steps.map(({ name, milliseconds }) => (
          <li key={name} data-step={name} class={name === 'approve' ? 'turning-point' : ''}>
            <h3>{say(stepMessages[name].title)}</h3>
            <span class="duration">{formatted(milliseconds)}</span>
            <p class="quiet">{say(stepMessages[name].meaning)}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Milliseconds under a second, else seconds. */
export function formatted(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
}
