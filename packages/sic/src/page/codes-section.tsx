/** A PIN, and an authenticator app or an address for codes, as the person chooses and sets them up. */
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { appAddress, base32, type CodeMeans, type Typed, unready } from './codes.ts'
import { messages } from './messages.ts'

interface CodesSectionProps {
  readonly means: CodeMeans
  readonly secret: Uint8Array
  readonly owner: { readonly name: string; readonly service: string }
  readonly typed: Typed
  readonly onType: (typed: Typed) => void
}

export function CodesSection({ means, secret, owner, typed, onType }: CodesSectionProps) {
  const say = useSay()
  const missing = unready(typed, means)
  const field = (name: keyof Typed) => ({
    value: typed[name],
    onType: (value: string) => onType({ ...typed, [name]: value }),
  })
  return (
    <section class="sheet" aria-labelledby="codes">
      <h2 id="codes">{say(means === 'pinTotp' ? messages.codesHeading : messages.sentCodesHeading)}</h2>
      <Field id="pin" says={messages.pinChoose} {...HIDDEN} {...field('pin')} />
      <Field id="pin-again" says={messages.pinAgain} {...HIDDEN} {...field('again')} />
      <p class="quiet">{say(messages.pinNote)}</p>
      {means === 'pinTotp' ? (
        <>
          <p>{say(messages.appSecret)}</p>
          <p>
            <code id="secret">{(base32(secret).match(/.{1,4}/g) ?? []).join(' ')}</code>
          </p>
          <p>
            <a href={appAddress(secret, owner)}>{say(messages.appOpen)}</a>
          </p>
          <Field id="code" says={messages.appCode} {...SHOWN} {...field('code')} />
        </>
      ) : (
        <>
          <Field id="address" says={messages.codesAddress} {...ADDRESS} {...field('address')} />
          <p class="quiet">{say(messages.codesAddressNote)}</p>
        </>
      )}
      <p class="quiet" id="missing" role="status">
        {missing === undefined ? '' : say(messages.codesMissing)[missing]}
      </p>
    </section>
  )
}

const DIGITS = { inputMode: 'numeric', maxLength: 12 } as const
const HIDDEN = { type: 'password', autocomplete: 'new-password', ...DIGITS } as const
const SHOWN = { type: 'text', autocomplete: 'one-time-code', ...DIGITS } as const
const ADDRESS = { type: 'email', autocomplete: 'email', inputMode: 'email', maxLength: 254 } as const

type FieldProps = (typeof HIDDEN | typeof SHOWN | typeof ADDRESS) & {
  readonly id: string
  readonly says: Sentence
  readonly value: string
  readonly onType: (value: string) => void
}

function Field({ id, says, value, onType, ...look }: FieldProps) {
  const say = useSay()
  return (
    <label class="field" for={id}>
      <span>{say(says)}</span>
      <input {...look} id={id} value={value} onInput={event => onType(event.currentTarget.value)} />
    </label>
  )
}
