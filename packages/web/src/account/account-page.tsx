/**
 * The account of a signer: what waits for him, the passkeys that approve for him, and the passwords of his software. What is
 * approved or changed is approved elsewhere.
 */
import { useEffect, useState } from 'preact/hooks'
import { Frame, useLanguage, useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { FailureNotice } from '../failure-notice.tsx'
import { messages } from '../messages.ts'
import { useAct } from '../use-act.ts'
import {
  type Account,
  beginAdding,
  beginRemoving,
  type ListedPasskey,
  logIn,
  logOut,
  type Notice,
  readAccount,
  readWaiting,
  rememberedToken,
} from './account.ts'
import { PasswordsSection } from './passwords-section.tsx'
import { WaitingSection } from './waiting-section.tsx'

export function AccountPage() {
  const say = useSay()
  const [token, setToken] = useState(rememberedToken)
  const [account, setAccount] = useState<Account>()
  const { waiting, failure, act } = useAct()
  const reload = async () => {
    if (token !== undefined) setAccount(await readAccount(token))
  }
  useEffect(() => {
    if (token !== undefined) void act(messages.opening, reload)
  }, [token])
  useLook(token, waiting => setAccount(known => known && { ...known, waiting }))
  const idle = waiting === undefined
  const leave = (begin: () => Promise<string>) =>
    act(messages.leaving, async () => location.assign(await begin()))
  return (
    <Frame title={messages.passkeysTitle} lead={messages.passkeysLead} foot={messages.foot}>
      {token === undefined || (account === undefined && failure !== undefined) ? (
        <div class="acts">
          <button
            type="button"
            class="primary"
            id="log-in"
            disabled={!idle}
            onClick={() => act(messages.confirming, async () => setToken(await logIn()))}
          >
            {say(messages.logIn)}
          </button>
        </div>
      ) : (
        account && (
          <>
            <WaitingSection waiting={account.waiting} />
            <Passkeys
              account={account}
              idle={idle}
              onAdd={() => leave(() => beginAdding(token))}
              onRemove={id => leave(() => beginRemoving(token, id))}
            />
            {account.passwords && (
              <PasswordsSection
                token={token}
                passwords={account.passwords}
                idle={idle}
                act={act}
                onChange={reload}
              />
            )}
            <Notices notices={account.notices} />
            <div class="acts">
              <button
                type="button"
                id="log-out"
                disabled={!idle}
                onClick={() =>
                  act(messages.leaving, async () => logOut(token).finally(() => setToken(undefined)))
                }
              >
                {say(messages.logOut)}
              </button>
            </div>
          </>
        )
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting} />
    </Frame>
  )
}

/** Applications ask while the page is open, too. */
const LOOK_EVERY_MS = 3000

function useLook(token: string | undefined, onLook: (waiting: Account['waiting']) => void): void {
  useEffect(() => {
    if (token === undefined) return
    // What goes wrong here is told when he does something.
    const look = () => readWaiting(token).then(onLook, () => undefined)
    const timer = setInterval(look, LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [token])
}

interface PasskeysProps {
  readonly account: Account
  readonly idle: boolean
  readonly onAdd: () => void
  readonly onRemove: (id: string) => void
}

function Passkeys({ account: { passkeys }, idle, onAdd, onRemove }: PasskeysProps) {
  const say = useSay()
  return (
    <section class="sheet" aria-labelledby="passkeys">
      <h2 id="passkeys">{say(messages.passkeysHeading)}</h2>
      <ul class="rows passkeys">
        {passkeys.map(passkey => (
          <PasskeyRow
            key={passkey.id}
            passkey={passkey}
            removable={idle && passkeys.length > 1}
            onRemove={() => onRemove(passkey.id)}
          />
        ))}
      </ul>
      <div class="acts">
        <button type="button" class="primary" id="add" disabled={!idle} onClick={onAdd}>
          {say(messages.addPasskey)}
        </button>
      </div>
      <p class="quiet">{say(messages.passkeysNote)}</p>
    </section>
  )
}

interface PasskeyRowProps {
  readonly passkey: ListedPasskey
  readonly removable: boolean
  readonly onRemove: () => void
}

function PasskeyRow({ passkey: { label, registeredAt, suspended }, removable, onRemove }: PasskeyRowProps) {
  const say = useSay()
  const language = useLanguage()
  return (
    <li>
      <span>
        <strong>{label ?? say(messages.firstPasskey)}</strong>
        <span class="quiet">
          {say(messages.registeredOn)(registeredAt.toLocaleString(language))}
          {suspended && ` · ${say(messages.suspendedPasskey)}`}
        </span>
      </span>
      <button type="button" class="small" disabled={!removable} onClick={onRemove}>
        {say(messages.removePasskey)}
      </button>
    </li>
  )
}

function Notices({ notices }: { notices: readonly Notice[] }) {
  const say = useSay()
  const language = useLanguage()
  if (notices.length === 0) return null
  return (
    <section class="notice" aria-labelledby="notices">
      <h2 id="notices">{say(messages.noticesHeading)}</h2>
      <ul>
        {notices.map(({ kind, at }) => (
          <li key={`${kind}${at.getTime()}`}>
            {at.toLocaleString(language)}: {say(messages.noticeKinds)[kind] ?? kind}
          </li>
        ))}
      </ul>
      <p class="quiet">{say(messages.noticesMeaning)}</p>
    </section>
  )
}
