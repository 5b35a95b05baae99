/** One operation: what it is for, what a request has, how one is sent, what comes back. */
import { useSay } from '../../../../faces/frame.tsx'
import { messages } from '../messages.ts'
import {
  type ApiDocument,
  answersOf,
  exampleOf,
  type Listed,
  type Member,
  requestMembers,
} from './document.ts'

interface OperationProps {
  readonly document: ApiDocument
  readonly listed: Listed
}

export function OperationSheet({ document, listed }: OperationProps) {
  const say = useSay()
  const { path, verb, operation } = listed
  const { operationId, summary, description, security } = operation
  return (
    <details class="sheet operation" id={operationId}>
      <summary>
        <code>
          <span class="verb">{verb}</span> {path}
        </code>
        <span lang="en">{summary}</span>
      </summary>
      {description !== undefined && <p lang="en">{description}</p>}
      <p class="quiet">{say(security.length === 0 ? messages.apiOpen : messages.apiAuthorized)}</p>
      <h3>{say(messages.apiRequest)}</h3>
      <Members members={requestMembers(document, operation)} />
      <Sample document={document} listed={listed} />
      <h3>{say(messages.apiAnswers)}</h3>
      <dl class="answers">
        {answersOf(document, operation).map(answer => (
          <div key={answer.status}>
            <dt>
              <code>{answer.status}</code>
            </dt>
            <dd>
              <p lang="en">
                <Prose text={answer.description} />
              </p>
              {Number(answer.status) < 400 && <Members members={answer.members} />}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Members({ members }: { members: readonly Member[] }) {
  const say = useSay()
  if (members.length === 0) return null
  return (
    <table class="members">
      <thead>
        <tr>
          <th scope="col">{say(messages.apiMember)}</th>
          <th scope="col">{say(messages.apiForm)}</th>
        </tr>
      </thead>
      <tbody>
        {members.map(({ path, form, required, description }) => (
          <tr key={path}>
            <th scope="row">
              <code>{path}</code>
              {required && <span class="needed">{say(messages.apiRequired)}</span>}
            </th>
            <td>
              <code>{form}</code>
              {description !== '' && (
                <span class="quiet" lang="en">
                  <Prose text={description} />
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Words between backticks are names of the API. */
function Prose({ text }: { text: string }) {
  return text.split('`').map((part, i) => (i % 2 === 0 ? part : <code key={part}>{part}</code>))
}

/** A request to copy; only a body of JSON has an example. */
function Sample({ document, listed: { path, operation } }: OperationProps) {
  const example = exampleOf(operation)
  if (example === undefined) return null
  const lines = [
    `curl ${document.servers[0]?.url ?? ''}${path}`,
    ...(operation.security.length === 0 ? [] : ["-H 'Authorization: Bearer …'"]),
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify(example, null, 2)}'`,
  ]
  return (
    // The keyboard has to be able to scroll what is too wide.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <pre tabIndex={0}>{lines.join(' \\\n  ')}</pre>
  )
}
