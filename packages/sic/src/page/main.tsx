/**
 * The approval page (sole-control 2 to 4, 6 and 8): takes its errand out of the address, believes the pinned SAM
 * key and its own digests, and asks the passkey.
 */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { AdministerPage } from './administration/administer-page.tsx'
import { RegisterPage } from './administration/register-page.tsx'
import { ApprovePage } from './approve-page.tsx'
import { ProblemNotice } from './ceremony.tsx'
import { EnrolPage } from './enrol-page.tsx'
import { type Errand, takeErrand } from './fragment.ts'
import { messages } from './messages.ts'
import { DeskPage } from './officer/desk-page.tsx'
import { SecondPage } from './officer/second-page.tsx'
import { type Link, type Opened, openErrand } from './open-errand.ts'
import { PasskeyPage } from './passkey-page.tsx'
import { asProblem, type Problem } from './problem.ts'

type Stage =
  | { readonly at: 'opening' }
  | { readonly at: 'problem'; readonly problem: Problem }
  | (Opened & { readonly link: Link })

function Page({ errand }: { errand: Errand }) {
  const [stage, setStage] = useState<Stage>({ at: 'opening' })
  useEffect(() => {
    openErrand(errand).then(setStage, (error: unknown) => {
      console.warn(error)
      setStage({ at: 'problem', problem: asProblem(error) })
    })
  }, [errand])
  switch (stage.at) {
    case 'opening':
      return (
        <Frame title={messages.nothing} foot={messages.foot}>
          <Waiting sentence={messages.loading} />
        </Frame>
      )
    case 'problem':
      return (
        <Frame title={messages.nothing} foot={messages.foot}>
          <ProblemNotice problem={stage.problem} />
        </Frame>
      )
    case 'approve':
      return <ApprovePage approval={stage.approval} {...stage.link} />
    case 'enrol':
      return <EnrolPage enrolment={stage.enrolment} {...stage.link} />
    case 'passkey':
      return <PasskeyPage change={stage.change} {...stage.link} />
    case 'administer':
      return <AdministerPage opened={stage.opened} send={stage.send} />
    case 'register':
      return <RegisterPage invited={stage.invited} />
    case 'officer':
      return <DeskPage desk={stage.desk} {...stage.link} />
    case 'vouch':
      return <SecondPage first={stage.first} openedAt={stage.openedAt} {...stage.link} />
  }
}

const errand = takeErrand(location, history)
const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <Page errand={errand} />
    </Speaking>,
    root,
  )
}
