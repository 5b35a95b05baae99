/** Three steps to a signature of one's own: enrol, drop a PDF and approve, take it home. */
import { openApprovalWindow } from '@natsuin/client/browser'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { FileDrop } from '../../../../faces/file-drop.tsx'
import { useSay } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { FailureNotice } from '../failure-notice.tsx'
import { messages, stepMessages } from '../messages.ts'
import { useAct } from '../use-act.ts'
import { createApplication, type SignedDocument } from './application.ts'
import { type DeskConfig, invite } from './desk.ts'
import { JudgeList } from './judge-list.tsx'
import type { StepName } from './step.ts'
import { Timeline } from './timeline.tsx'

export function SignYourOwn({ config }: { config: DeskConfig }) {
  const say = useSay()
  const [signed, setSigned] = useState<SignedDocument>()
  return (
    <section class="own" aria-labelledby="own">
      <h2 id="own">{say(messages.ownHeading)}</h2>
      <p class="lead">{say(messages.ownLead)}</p>
      <ol class="stages">
        <Enrolment config={config} />
        <Signing config={config} onSigned={setSigned} />
        <li class="sheet">
          <h3>{say(messages.resultHeading)}</h3>
          {signed ? <Outcome signed={signed} /> : <p class="quiet">{say(messages.resultWaits)}</p>}
        </li>
      </ol>
      {signed && <Timeline steps={signed.steps} />}
    </section>
  )
}

function Enrolment({ config: { serverUrl } }: { config: DeskConfig }) {
  const say = useSay()
  const [name, setName] = useState('')
  const [enrolled, setEnrolled] = useState(false)
  const { waiting, failure, act } = useAct()
  const enrol = (event: Event) => {
    event.preventDefault()
    act(messages.enrolling, async () => {
      const window = openApprovalWindow()
      try {
        const url = await invite(name.trim())
        await window.visit(url, ({ origin, kind }) =>
          origin === serverUrl && kind === 'enrolled' ? true : undefined,
        )
        setEnrolled(true)
      } finally {
        window.close()
      }
    })
  }
  return (
    <li class="sheet">
      <h3>{say(messages.enrolHeading)}</h3>
      <p class="quiet">{say(messages.enrolLead)}</p>
      {enrolled ? (
        <p>
          <span class="badge good" id="enrolled">
            ✓ {say(messages.enrolled)}
          </span>
        </p>
      ) : (
        <form onSubmit={enrol}>
          <label class="field">
            {say(messages.yourName)}
            <input
              id="name"
              autocomplete="name"
              maxlength={64}
              required
              value={name}
              onInput={event => setName(event.currentTarget.value)}
            />
          </label>
          <button type="submit" id="enrol" disabled={waiting !== undefined}>
            {say(messages.enrol)}
          </button>
          <p class="quiet aside">{say(messages.enrolledBefore)}</p>
        </form>
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting} />
    </li>
  )
}

interface SigningProps {
  readonly config: DeskConfig
  readonly onSigned: (signed: SignedDocument | undefined) => void
}

function Signing({ config, onSigned }: SigningProps) {
  const say = useSay()
  const application = useMemo(() => createApplication(config), [config])
  const [file, setFile] = useState<File>()
  const [step, setStep] = useState<StepName>()
  const { waiting, failure, act } = useAct()
  const sign = (chosen: File) =>
    act(messages.enrolling, async () => {
      onSigned(undefined)
      const window = openApprovalWindow()
      try {
        onSigned(await application.sign({ file: chosen, window, onStep: setStep }))
      } finally {
        window.close()
        setStep(undefined)
      }
    })
  return (
    <li class="sheet">
      <h3>{say(messages.chooseHeading)}</h3>
      <p class="quiet">{say(messages.chooseLead)}</p>
      {file === undefined ? (
        <FileDrop label={messages.dropHere} hint={messages.dropHint} onFiles={files => setFile(files[0])} />
      ) : (
        <>
          <p class="chosen">{file.name}</p>
          <div class="acts">
            <button
              type="button"
              class="primary"
              id="sign"
              disabled={waiting !== undefined}
              onClick={() => sign(file)}
            >
              {say(messages.sign)}
            </button>
            <button type="button" disabled={waiting !== undefined} onClick={() => setFile(undefined)}>
              {say(messages.chooseAnother)}
            </button>
          </div>
        </>
      )}
      {failure && <FailureNotice failure={failure} />}
      <Waiting sentence={waiting && step ? stepMessages[step].title : waiting} />
    </li>
  )
}

function Outcome({ signed }: { signed: SignedDocument }) {
  const say = useSay()
  const { verdict, evidenceVerdict } = signed
  const judges = [
    { name: 'natsuin', good: true, verdict: `${verdict.indication}, PAdES-${verdict.facts.level}` },
    {
      name: 'evidence',
      good: evidenceVerdict.valid,
      verdict: evidenceVerdict.valid
        ? say(messages.evidenceHolds)(evidenceVerdict.facts.subject.commonName)
        : `${say(messages.evidenceFails)}: ${evidenceVerdict.reason}`,
    },
  ]
  return (
    <div id="signed" role="status">
      <p class="chosen">{say(messages.handSigned)(signed.name)}</p>
      <div class="acts">
        <Download blob={signed.pdf} name={signed.name.replace(/(?:\.pdf)?$/i, '.signed.pdf')} primary>
          {say(messages.downloadPdf)}
        </Download>
        <Download blob={signed.evidence} name={signed.name.replace(/(?:\.pdf)?$/i, '.evidence.json')}>
          {say(messages.downloadEvidence)}
        </Download>
      </div>
      <p class="quiet">{say(messages.checkedHere)}</p>
      <JudgeList judges={judges} />
    </div>
  )
}

interface DownloadProps {
  readonly blob: Blob
  readonly name: string
  readonly primary?: boolean
  readonly children: string
}

function Download({ blob, name, primary = false, children }: DownloadProps) {
  const url = useMemo(() => URL.createObjectURL(blob), [blob])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return (
    <a class={primary ? 'button primary' : 'button'} href={url} download={name}>
      {children}
    </a>
  )
}
