/** One change as its approver sees it: what it is, about whom, and each thing that becomes different. */
import { Fragment } from 'preact'
import { useSay } from '../../../../../faces/frame.tsx'
import { administrationMessages } from './messages.ts'
import type { Shown, ShownChange, ShownRow } from './shown-change.ts'

export function ChangeCard({ change: { kind, title, about, rows } }: { change: ShownChange }) {
  const say = useSay()
  return (
    <article class="change" data-change={kind}>
      <h3>
        {say(title)}
        {about !== '' && (
          <>
            {': '}
            <bdi>{about}</bdi>
          </>
        )}
      </h3>
      <dl class="facts">
        {rows.map((row, at) => (
          // Rows never move.
          <Fragment key={at}>
            <dt>{say(row.name)}</dt>
            <dd>
              <Difference row={row} />
            </dd>
          </Fragment>
        ))}
      </dl>
    </article>
  )
}

/** Both sides, each with a word for which it is: not told apart by colour or place alone. */
function Difference({ row: { before, after } }: { row: ShownRow }) {
  const say = useSay()
  return (
    <>
      {before !== undefined && (
        <p class="before">
          <span class="badge">{say(administrationMessages.before)}</span> <Words shown={before} />
        </p>
      )}
      <p class="after">
        <span class="badge">{say(administrationMessages.after)}</span>{' '}
        <Words shown={after ?? administrationMessages.nothing} />
      </p>
    </>
  )
}

function Words({ shown }: { shown: Shown }) {
  const say = useSay()
  return <bdi>{typeof shown === 'string' ? shown : say(shown)}</bdi>
}
