/** The demonstration's page: what just happened, and a signature of one's own. */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { type Failure, failureOf } from '../failure.ts'
import { FailureNotice } from '../failure-notice.tsx'
import { messages } from '../messages.ts'
import { ActReport } from './act-report.tsx'
import { type ActResult, type DeskConfig, readConfig, readResult } from './desk.ts'
import { SignYourOwn } from './sign-your-own.tsx'

interface Opened {
  readonly config: DeskConfig
  readonly result: ActResult | undefined
}

function DeskPage() {
  const [opened, setOpened] = useState<Opened>()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    Promise.all([readConfig(), readResult()]).then(
      ([config, result]) => setOpened({ config, result }),
      (error: unknown) => {
        console.warn(error)
        setFailure(failureOf(error))
      },
    )
  }, [])
  const title = opened?.result?.good ? messages.deskTitle : messages.deskTitleFirst
  return (
    <Frame title={title} lead={messages.deskLead} foot={messages.foot}>
      {opened?.result && <ActReport result={opened.result} />}
      {opened && <SignYourOwn config={opened.config} />}
      {failure && <FailureNotice failure={failure} />}
      {!opened && !failure && <Waiting sentence={messages.opening} />}
    </Frame>
  )
}

const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <DeskPage />
    </Speaking>,
    root,
  )
}
