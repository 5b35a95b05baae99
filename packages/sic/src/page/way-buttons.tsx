/** The buttons of the ways to approve that a ticket offers; for a log-in and a passkey together one after the other. */
import { useSay } from '../../../../faces/frame.tsx'
import { messages } from './messages.ts'
import { useNumber } from './use-number.ts'
import type { Way } from './ways.ts'

export interface WayButtonsProps {
  readonly ways: readonly Way[]
  readonly count: number
  /** Of the identity provider. */
  readonly provider: string
  /** There is a log-in for these bytes, and the passkey is what is missing. */
  readonly isLoggedIn: boolean
  readonly isDisabled: boolean
  readonly onPasskey: () => void
  readonly onLogIn: (way: 'provider' | 'provider-and-passkey') => void
}

export function WayButtons({ ways, ...props }: WayButtonsProps) {
  return ways.map(way => <WayButton key={way} way={way} {...props} />)
}

function WayButton({
  way,
  count,
  provider,
  isLoggedIn,
  ...props
}: Omit<WayButtonsProps, 'ways'> & { way: Way }) {
  const say = useSay()
  const number = useNumber()
  if (way === 'passkey' || (way === 'provider-and-passkey' && isLoggedIn)) {
    return (
      <button
        type="button"
        class="primary"
        id="approve"
        disabled={props.isDisabled}
        onClick={props.onPasskey}
      >
        {count === 1 ? say(messages.approve) : say(messages.approveMany)(number(count))}
      </button>
    )
  }
  const sentence = way === 'provider' ? messages.approveAtProvider : messages.logInFirst
  return (
    <button
      type="button"
      class="primary"
      id="log-in"
      disabled={props.isDisabled}
      onClick={() => props.onLogIn(way)}
    >
      {say(sentence)(provider)}
    </button>
  )
}

/** While a window is at the provider. */
export function GiveUpLogIn({ onGiveUp }: { readonly onGiveUp: () => void }) {
  const say = useSay()
  return (
    <div class="acts">
      <button type="button" id="give-up" onClick={onGiveUp}>
        {say(messages.giveUpLogIn)}
      </button>
    </div>
  )
}
