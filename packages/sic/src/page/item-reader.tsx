/** One document of many, in front of everything else; the ones before and after it are a step away. */
import { useEffect, useRef } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { DocumentFrame } from './document-frame.tsx'
import { Badge, ItemDetails, LOOKS, Meaning } from './item-look.tsx'
import { messages } from './messages.ts'
import { saveDocument } from './save-document.ts'
import type { ShownItem } from './shown-item.ts'
import type { Documents } from './use-documents.ts'
import { useNumber } from './use-number.ts'

interface ItemReaderProps {
  /** Of the item that is read. */
  readonly index: number
  /** The items as they are listed. */
  readonly order: readonly ShownItem[]
  readonly items: readonly ShownItem[]
  readonly documents: Documents
  readonly onRead: (index: number | undefined) => void
}

export function ItemReader({ index, order, items, documents, onRead }: ItemReaderProps) {
  const say = useSay()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const shown = items[index]
  const place = order.findIndex(one => one.index === index)
  const close = () => {
    onRead(undefined)
    // The row may have moved to another group meanwhile.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus())
  }
  if (shown === undefined) return null
  return (
    <dialog ref={dialog} class="reader" aria-labelledby="reader-label" onClose={close}>
      <header>
        <h2 id="reader-label">
          <bdi>{shown.item.label}</bdi>
        </h2>
        <Badge group={shown.group} />
        <button type="button" class="plain small" onClick={() => dialog.current?.close()}>
          {say(messages.close)}
        </button>
      </header>
      <div class="reader-body" data-group={shown.group}>
        {shown.document?.kind === 'pdf' ? (
          <>
            <DocumentFrame index={index} label={shown.item.label} documents={documents} />
            <Meaning shown={shown} />
          </>
        ) : (
          <NoDocument shown={shown} />
        )}
        <ItemDetails shown={shown} />
      </div>
      <footer>
        <Steps place={place} order={order} onRead={onRead} />
        {shown.document !== undefined && (
          <button type="button" class="small" onClick={() => saveDocument(shown)}>
            {say(messages.save)}
          </button>
        )}
      </footer>
    </dialog>
  )
}

/** Where the document would be. */
function NoDocument({ shown }: { shown: ShownItem }) {
  const { colour, sign } = LOOKS[shown.group]
  return (
    <div class="blank">
      <div class={`mark ${colour}`} aria-hidden="true">
        {sign}
      </div>
      <Meaning shown={shown} />
    </div>
  )
}

interface StepsProps {
  readonly place: number
  readonly order: readonly ShownItem[]
  readonly onRead: (index: number) => void
}

function Steps({ place, order, onRead }: StepsProps) {
  const say = useSay()
  const number = useNumber()
  const step = (to: ShownItem | undefined) => () => {
    if (to !== undefined) onRead(to.index)
  }
  const [before, after] = place < 0 ? [undefined, undefined] : [order[place - 1], order[place + 1]]
  return (
    <div class="steps">
      <button type="button" class="small" disabled={before === undefined} onClick={step(before)}>
        {say(messages.before)}
      </button>
      <button type="button" class="small" disabled={after === undefined} onClick={step(after)}>
        {say(messages.after)}
      </button>
      {place >= 0 && (
        <span class="quiet" role="status">
          {say(messages.place)({ at: number(place + 1), of: number(order.length) })}
        </span>
      )}
    </div>
  )
}
