/** What the demonstration did before the page was opened. */
import { Seal, useLanguage, useSay } from '../../../../faces/frame.tsx'
import type { Language } from '../../../../faces/language.ts'
import { messages } from '../messages.ts'
import type { ActResult, Judgement } from './desk.ts'
import { JudgeList } from './judge-list.tsx'
import { formatted, Timeline } from './timeline.tsx'

export function ActReport({ result }: { result: ActResult }) {
  const say = useSay()
  const language = useLanguage()
  return (
    <>
      <section class={result.good ? 'sheet outcome' : 'sheet outcome failed'} data-verdict={result.verdict}>
        <div class="stamp">
          <Seal />
        </div>
        <div>
          <p class="verdict">{result.verdict}</p>
          <h2>{result.approved.label}</h2>
          <p class="quiet">
            {result.signer} · <time dateTime={result.timeStamp}>{instant(result.timeStamp, language)}</time>
          </p>
          <div class="acts">
            <a class="button primary" href="/desk/signed.pdf" target="_blank" rel="noopener">
              {say(messages.openPdf)}
            </a>
            <a class="button" href="/desk/evidence.json" target="_blank" rel="noopener">
              {say(messages.openEvidence)}
            </a>
            <a class="button plain" href="#own">
              {say(messages.goToOwn)}
            </a>
          </div>
        </div>
      </section>
      <section class="sheet" aria-labelledby="judges">
        <h2 id="judges">{say(messages.judgesHeading)}</h2>
        <JudgeList judges={result.judges.map(judge => spoken(judge, result.signer, say))} />
      </section>
      <Timeline steps={result.steps} />
      <Facts result={result} />
    </>
  )
}

/** What the evidence says is ours, and is said in the reader's language; other people's programs are quoted. */
function spoken(judge: Judgement, signer: string, say: ReturnType<typeof useSay>): Judgement {
  if (judge.name !== 'evidence' || !judge.good) return judge
  return { ...judge, verdict: say(messages.evidenceHolds)(signer) }
}

/** The instant of the time-stamp in the reader's words; what is no instant stays as it is. */
function instant(text: string, language: Language): string {
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return text
  return at.toLocaleString(language, { dateStyle: 'long', timeStyle: 'long' })
}

function Facts({ result }: { result: ActResult }) {
  const say = useSay()
  return (
    <section class="sheet" aria-labelledby="pins">
      <h2 id="pins">{say(messages.pinsHeading)}</h2>
      <p class="quiet">{say(messages.pinsLead)}</p>
      <dl class="facts">
        <dt>{say(messages.samKey)}</dt>
        <dd class="digest">{result.samKeyDigest}</dd>
        <dt>{say(messages.root)}</dt>
        <dd class="digest">{result.rootDigest}</dd>
        <dt>{say(messages.signedValue)}</dt>
        <dd class="digest">{result.approved.digest}</dd>
        <dt>{say(messages.credential)}</dt>
        <dd class="digest">{result.credentialID}</dd>
        <dt>{say(messages.level)}</dt>
        <dd>{say(messages.levelOne)}</dd>
        <dt>{say(messages.elapsed)}</dt>
        <dd>{formatted(result.elapsedMs)}</dd>
      </dl>
    </section>
  )
}
