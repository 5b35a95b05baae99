/** One document of an approval: its label, whether the page has seen it, and the document itself. */
import { toHex } from '@natsuin/pki/encoding'
import type { ApprovalItem, ItemBasis } from '@natsuin/protocol/approval'
import { useEffect, useState } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { DocumentFrame } from './document-frame.tsx'
import { messages } from './messages.ts'

interface Basis {
  readonly look: string
  readonly sign: string
  readonly meaning: Sentence
}

const BASES: Readonly<Record<ItemBasis, Basis>> = {
  seen: { look: 'good', sign: '✓', meaning: messages.seenMeaning },
  vouched: { look: 'plain', sign: '印', meaning: messages.vouchedItem },
  unseen: { look: 'warn', sign: '!', meaning: messages.unseenMeaning },
}

interface ItemCardProps {
  readonly item: ApprovalItem
  readonly document: Uint8Array<ArrayBuffer> | undefined
  /** Whether the document is shown without being asked for. */
  readonly opens: boolean
}

export function ItemCard({ item, document, opens }: ItemCardProps) {
  const say = useSay()
  const [open, setOpen] = useState(false)
  useEffect(() => setOpen(opens && document !== undefined), [opens, document])
  const { look, sign, meaning } = BASES[item.basis]
  return (
    <li class="item" data-basis={item.basis}>
      <div class="item-head">
        <h3>{item.label}</h3>
        <span class={`badge ${look}`}>
          <span aria-hidden="true">{sign}</span>
          {say(messages[item.basis])}
        </span>
      </div>
      <p class="quiet">{say(meaning)}</p>
      {document && (
        <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {say(open ? messages.hide : messages.show)}
        </button>
      )}
      {document && open && <DocumentFrame bytes={document} label={item.label} />}
      <details>
        <summary>{say(messages.details)}</summary>
        <dl class="facts">
          <dt>{say(messages.digest)}</dt>
          <dd class="digest">{toHex(item.dtbsr)}</dd>
          {item.basis === 'seen' && (
            <>
              <dt>{say(messages.documentDigest)}</dt>
              <dd class="digest">{toHex(item.documentDigest)}</dd>
            </>
          )}
        </dl>
      </details>
    </li>
  )
}
