/** PIN and authenticator app, as the person chooses and sets them up. */
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { appAddress, base32, type Typed, unready } from './codes.ts'
import { messages } from './messages.ts'

interface CodesSectionProps {
  readonly secret: Uint8Array
  readonly owner: { readonly name: string; readonly service: string }
  readonly typed: Typed
  readonly onType: (typed: Typed) => void
}

export function CodesSection({ secret, owner, typed, onType }: CodesSectionProps) {
  const say = useSay()
  const missing = unready(typed)
  const field = (name: keyof Typed) => ({
    value: typed[name],
    onType: (value: string) => onType({ ...typed, [name]: value }),
  })
  return (
    <section class="sheet" aria-labelledby="codes">
      <h2 id="codes">{say(messages.codesHeading)}</h2>
      <Digits id="pin" says={messages.pinChoose} secret {...field('pin')} />
      <Digits id="pin-again" says={messages.pinAgain} secret {...field('again')} />
      <p class="quiet">{say(messages.pinNote)}</p>
      <p>{say(messages.appSecret)}</p>
      <p>
        <code id="secret">{(base32(secret).match(/.{1,4}/g) ?? []).join(' ')}</code>
      </p>
      <p>
        <a href={appAddress(secret, owner)}>{say(messages.appOpen)}</a>
      </p>
      <Digits id="code" says={messages.appCode} {...field('code')} />
      <p class="quiet" id="missing" role="status">
        {missing === undefined ? '' : say(messages.codesMissing)[missing]}
      </p>
    </section>
  )
}

const HIDDEN = { type: 'password', autocomplete: 'new-password' } as const
const SHOWN = { type: 'text', autocomplete: 'one-time-code' } as const

interface DigitsProps {
  readonly id: string
  readonly says: Sentence
  readonly secret?: boolean
  readonly value: string
  readonly onType: (value: string) => void
}

function Digits({ id, says, secret = false, value, onType }: DigitsProps) {
  const say = useSay()
  return (
    <label class="field" for={id}>
      <span>{say(says)}</span>
      <input
        {...(secret ? HIDDEN : SHOWN)}
        id={id}
        inputMode="numeric"
        maxLength={12}
        value={value}
        onInput={event => onType(event.currentTarget.value)}
      />
    </label>
  )
}
