/** Passwords with which software of the signer logs in: made here, shown once, and removed. */
import { useState } from 'preact/hooks'
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { messages } from '../messages.ts'
import { makePassword, type Passwords, removePassword } from './account.ts'

interface PasswordsSectionProps {
  readonly token: string
  readonly passwords: Passwords
  readonly idle: boolean
  readonly act: (waiting: Sentence, run: () => Promise<void>) => Promise<void>
  readonly onChange: () => Promise<void>
}

export function PasswordsSection({ token, passwords, idle, act, onChange }: PasswordsSectionProps) {
  const say = useSay()
  const language = useLanguage()
  const [label, setLabel] = useState('')
  const [made, setMade] = useState<string>()
  const make = () =>
    act(messages.confirming, async () => {
      setMade(await makePassword(token, label.trim()))
      setLabel('')
      await onChange()
    })
  const remove = (id: string) =>
    act(messages.opening, async () => {
      setMade(undefined)
      await removePassword(token, id)
      await onChange()
    })
  return (
    <section class="sheet" aria-labelledby="passwords">
      <h2 id="passwords">{say(messages.passwordsHeading)}</h2>
      <p class="quiet">{say(messages.passwordsNote)}</p>
      <ul class="rows">
        {passwords.listed.map(({ id, label: name, madeAt }) => (
          <li key={id}>
            <span>
              <strong>{name}</strong>
              <span class="quiet">{say(messages.madeOn)(madeAt.toLocaleString(language))}</span>
            </span>
            <button type="button" class="small" disabled={!idle} onClick={() => remove(id)}>
              {say(messages.removePassword)}
            </button>
          </li>
        ))}
      </ul>
      {made !== undefined && (
        <div class="notice good" role="status">
          <p>{say(messages.passwordMade)}</p>
          <dl class="facts">
            <dt>{say(messages.passwordUser)}</dt>
            <dd>
              <code id="password-user">{passwords.user}</code>
            </dd>
            <dt>{say(messages.password)}</dt>
            <dd>
              <code id="password">{made}</code>
            </dd>
          </dl>
        </div>
      )}
      <label class="field" for="password-label">
        <span>{say(messages.passwordLabel)}</span>
        <input
          id="password-label"
          maxLength={100}
          value={label}
          onInput={event => setLabel(event.currentTarget.value)}
        />
      </label>
      <div class="acts">
        <button type="button" id="make-password" disabled={!idle || label.trim() === ''} onClick={make}>
          {say(messages.makePassword)}
        </button>
      </div>
    </section>
  )
}
