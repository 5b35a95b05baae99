/** What is signed: a few documents as cards, many as a list; how far the page is with checking them; where to put more. */
import { useMemo } from 'preact/hooks'
import { FileDrop } from '../../../../faces/file-drop.tsx'
import { useSay } from '../../../../faces/frame.tsx'
import { ProblemNotice } from './ceremony.tsx'
import { FetchFrame } from './fetch-frame.tsx'
import { ItemCard } from './item-card.tsx'
import { ItemList } from './item-list.tsx'
import { messages } from './messages.ts'
import type { Approval } from './open-approval.ts'
import { countByGroup, type ShownItem } from './shown-item.ts'
import type { Documents } from './use-documents.ts'
import { useNumber } from './use-number.ts'

/** Up to so many are each shown whole. */
const FEW = 3

interface DocumentsSectionProps {
  readonly approval: Approval
  readonly items: readonly ShownItem[]
  readonly documents: Documents
}

export function DocumentsSection({ approval, items, documents }: DocumentsSectionProps) {
  const say = useSay()
  const number = useNumber()
  const { view, take } = documents
  const canSeeMore = approval.items.some(
    (item, index) => ('hashType' in item || item.preimage !== undefined) && !view.seen.has(index),
  )
  const takeFiles = (files: readonly File[]) => {
    documents.forgetProblems()
    return take(files)
  }
  return (
    <section class="sheet documents" aria-labelledby="what">
      <div class="sheet-head">
        <h2 id="what">{say(messages.documentsHeading)}</h2>
        <span class="quiet">{say(messages.count)({ count: items.length, text: number(items.length) })}</span>
      </div>
      {items.length > FEW && <Progress items={items} waiting={view.waiting} />}
      {approval.asked.locations.length > 0 && <FetchFrame urls={approval.asked.locations} take={take} />}
      {items.length <= FEW ? (
        <ol class="items">
          {items.map(shown => (
            <ItemCard key={shown.index} shown={shown} documents={documents} opens={shown.index === 0} />
          ))}
        </ol>
      ) : (
        <ItemList items={items} documents={documents} />
      )}
      {canSeeMore && (
        <FileDrop
          label={items.length === 1 ? messages.dropHere : messages.dropAllHere}
          hint={messages.dropChoose}
          accept=""
          {...(items.length > 1 && { folders: messages.dropFolder })}
          onFiles={takeFiles}
        />
      )}
      {view.problem && (
        <>
          <ProblemNotice problem={view.problem} />
          {view.refused > 1 && <p class="quiet">{say(messages.refusedCount)(number(view.refused))}</p>}
        </>
      )}
    </section>
  )
}

/** How many documents the page has checked; said aloud at each quarter. */
function Progress({ items, waiting }: { items: readonly ShownItem[]; waiting: number }) {
  const say = useSay()
  const number = useNumber()
  const { seen, risky, unshown, vouched, unseen } = countByGroup(items)
  const checked = seen + risky + unshown
  const sentence = say(messages.progress)({ checked: number(checked), of: number(items.length) })
  const quarter = Math.floor((4 * checked) / items.length)
  return (
    <div class="progress" data-checked={checked} data-waiting={waiting}>
      <div class="bar" aria-hidden="true">
        <span class="bar-seen" style={{ inlineSize: `${(100 * checked) / items.length}%` }} />
        <span class="bar-vouched" style={{ inlineSize: `${(100 * vouched) / items.length}%` }} />
      </div>
      <p>
        <strong>{sentence}</strong>
        {vouched > 0 && <span class="quiet"> {say(messages.progressVouched)(number(vouched))}</span>}
        {unseen > 0 && <span class="quiet"> {say(messages.progressUnseen)(number(unseen))}</span>}
        {waiting > 0 && <span class="quiet"> {say(messages.progressWaiting)(number(waiting))}</span>}
      </p>
      <QuarterStatus key={quarter} sentence={quarter === 0 ? '' : sentence} />
    </div>
  )
}

/** Its text is that of the moment in which the quarter was reached. */
function QuarterStatus({ sentence }: { sentence: string }) {
  const said = useMemo(() => sentence, [])
  return (
    <p class="unseen-text" role="status">
      {said}
    </p>
  )
}
