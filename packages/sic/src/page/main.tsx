/**
 * The approval page (sole-control 2 to 4 and 6): takes its errand out of the address, believes the pinned SAM
 * key and its own digests, and asks the passkey.
 */
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Frame, Speaking } from '../../../../faces/frame.tsx'
import { Waiting } from '../../../../faces/waiting.tsx'
import { ApprovePage } from './approve-page.tsx'
import { ProblemNotice } from './ceremony.tsx'
import { type Deployment, readDeployment } from './deployment.ts'
import { EnrolPage } from './enrol-page.tsx'
import { type Errand, takeErrand } from './fragment.ts'
import { messages } from './messages.ts'
import { type Approval, openApproval } from './open-approval.ts'
import { type Enrolment, openEnrolment } from './open-enrolment.ts'
import { openPasskeyChange, type PasskeyChange } from './open-passkey-change.ts'
import { PasskeyPage } from './passkey-page.tsx'
import { asProblem, Problem } from './problem.ts'
import { type Service, serviceAt } from './service.ts'

type Stage =
  | { readonly at: 'opening' }
  | { readonly at: 'problem'; readonly problem: Problem }
  | { readonly at: 'approve'; readonly approval: Approval; readonly link: Link }
  | { readonly at: 'enrol'; readonly enrolment: Enrolment; readonly link: Link }
  | { readonly at: 'passkey'; readonly change: PasskeyChange; readonly link: Link }

interface Link {
  readonly deployment: Deployment
  readonly service: Service
}

async function open(errand: Errand): Promise<Stage> {
  if (errand.kind === 'none') throw new Problem('no-errand')
  if (errand.kind === 'malformed') throw new Problem('errand-malformed')
  const request: typeof fetch = (input, init) => fetch(input, init)
  const deployment = await readDeployment(request)
  const link = { deployment, service: serviceAt(deployment.serverOrigin, request) }
  return { ...(await openErrand(errand, link)), link }
}

async function openErrand(
  errand: Exclude<Errand, { kind: 'none' | 'malformed' }>,
  { deployment, service }: Link,
) {
  if (errand.kind === 'approve')
    return { at: 'approve', approval: await openApproval(errand.handle, deployment, service) } as const
  if (errand.kind === 'passkey')
    return { at: 'passkey', change: await openPasskeyChange(errand.handle, deployment, service) } as const
  return { at: 'enrol', enrolment: await openEnrolment(errand, deployment, service) } as const
}

function Page({ errand }: { errand: Errand }) {
  const [stage, setStage] = useState<Stage>({ at: 'opening' })
  useEffect(() => {
    open(errand).then(setStage, (error: unknown) => {
      console.warn(error)
      setStage({ at: 'problem', problem: asProblem(error) })
    })
  }, [errand])
  if (stage.at === 'approve') return <ApprovePage approval={stage.approval} {...stage.link} />
  if (stage.at === 'enrol') return <EnrolPage enrolment={stage.enrolment} {...stage.link} />
  if (stage.at === 'passkey') return <PasskeyPage change={stage.change} {...stage.link} />
  return (
    <Frame title={messages.nothing} foot={messages.foot}>
      {stage.at === 'problem' ? (
        <ProblemNotice problem={stage.problem} />
      ) : (
        <Waiting sentence={messages.loading} />
      )}
    </Frame>
  )
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
