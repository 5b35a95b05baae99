/** One document of an approval that is about a few: its label, what it is approved on, and the document itself. */
import { useEffect, useState } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { DocumentFrame } from './document-frame.tsx'
import { Badge, ItemDetails, Meaning } from './item-look.tsx'
import { messages } from './messages.ts'
import type { ShownItem } from './shown-item.ts'
import type { Documents } from './use-documents.ts'

interface ItemCardProps {
  readonly shown: ShownItem
  readonly documents: Documents
  /** Whether the document is shown without being asked for. */
  readonly opens: boolean
}

export function ItemCard({ shown, documents, opens }: ItemCardProps) {
  const say = useSay()
  const { index, item, document } = shown
  const canShow = document?.kind === 'pdf'
  const [open, setOpen] = useState(false)
  useEffect(() => setOpen(opens && canShow), [opens, canShow])
  return (
    <li class="item" data-basis={item.basis} data-group={shown.group}>
      <div class="item-head">
        <h3>
          <bdi>{item.label}</bdi>
        </h3>
        <Badge group={shown.group} />
      </div>
      <Meaning shown={shown} />
      {canShow && (
        <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {say(open ? messages.hide : messages.show)}
        </button>
      )}
      {canShow && open && <DocumentFrame index={index} label={item.label} documents={documents} />}
      <ItemDetails shown={shown} />
    </li>
  )
}
