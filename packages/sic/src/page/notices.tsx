/** What the signer is told before the button, and what he has to say in so many words. */
import type { ComponentChildren } from 'preact'
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { messages } from './messages.ts'
import type { Acceptance, Obstacle } from './obstacle.ts'
import { countByGroup, type ShownItem } from './shown-item.ts'
import { useNumber } from './use-number.ts'

interface NoticesProps {
  readonly items: readonly ShownItem[]
  /** Of the application. */
  readonly client: string
  readonly hindrance: Obstacle | undefined
  /** Documents are still being checked, so that what is missing may yet come. */
  readonly isBusy: boolean
  readonly accepts: Acceptance
  readonly onAccept: (accepts: Acceptance) => void
}

export function Notices({ items, client, hindrance, isBusy, accepts, onAccept }: NoticesProps) {
  const say = useSay()
  const number = useNumber()
  const { unseen, unshown, risky, vouched } = countByGroup(items)
  if (hindrance === 'hash-type-refused')
    return <Refused heading={messages.wholeFileHeading} sentence={messages.wholeFileRefused} />
  if (hindrance === 'basis-refused')
    return isBusy ? null : <Refused heading={messages.unseenHeading} sentence={messages.unseenRefused} />
  return (
    <>
      {vouched > 0 && (
        <Notice id="vouched" look="" heading={messages.vouchedHeading}>
          <p>{say(messages.vouchedMeaning)(client)}</p>
        </Notice>
      )}
      {risky > 0 && (
        <Notice id="risky" look="warn" heading={messages.riskyHeading}>
          <p>{say(messages.riskyWarning)(number(risky))}</p>
        </Notice>
      )}
      {unshown > 0 && (
        <Notice id="unshown" look="warn" heading={messages.unshownHeading}>
          <p>{say(messages.unshownWarning)(number(unshown))}</p>
          <Check
            id="accept-unshown"
            sentence={messages.unshownAccept}
            on={accepts.unshown}
            onChange={on => onAccept({ ...accepts, unshown: on })}
          />
        </Notice>
      )}
      {unseen > 0 && (
        <Notice id="unseen" look="warn" heading={messages.unseenHeading}>
          <p>{say(messages.unseenWarning)}</p>
          <Check
            id="accept-unseen"
            sentence={messages.unseenAccept}
            on={accepts.unseen}
            onChange={on => onAccept({ ...accepts, unseen: on })}
          />
        </Notice>
      )}
    </>
  )
}

function Refused({ heading, sentence }: { readonly heading: Sentence; readonly sentence: Sentence }) {
  const say = useSay()
  return (
    <section class="notice bad" role="alert">
      <h2>{say(heading)}</h2>
      <p>{say(sentence)}</p>
    </section>
  )
}

interface NoticeProps {
  readonly id: string
  readonly look: '' | 'warn'
  readonly heading: Sentence
  readonly children: ComponentChildren
}

function Notice({ id, look, heading, children }: NoticeProps) {
  const say = useSay()
  return (
    <section class={`notice ${look}`} aria-labelledby={`notice-${id}`} data-notice={id}>
      <h2 id={`notice-${id}`}>{say(heading)}</h2>
      {children}
    </section>
  )
}

interface CheckProps {
  readonly id: string
  readonly sentence: Sentence
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}

function Check({ id, sentence, on, onChange }: CheckProps) {
  const say = useSay()
  return (
    <label class="check">
      <input type="checkbox" id={id} checked={on} onChange={event => onChange(event.currentTarget.checked)} />
      <span>{say(sentence)}</span>
    </label>
  )
}
