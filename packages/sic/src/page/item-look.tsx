/** How an item looks wherever it is shown: its badge, and the details that only some want to read. */
import { toHex } from '@natsuin/pki/encoding'
import { type DocumentHashType, isDocumentItem } from '@natsuin/protocol/approval'
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'
import { messages, riskMessages } from './messages.ts'
import type { ItemGroup, ShownItem } from './shown-item.ts'

interface Look {
  readonly colour: 'good' | 'warn' | 'neutral'
  readonly sign: string
  readonly name: Sentence
  readonly meaning: Sentence
}

export const LOOKS: Readonly<Record<ItemGroup, Look>> = {
  unseen: { colour: 'warn', sign: '!', name: messages.unseen, meaning: messages.unseenMeaning },
  unshown: { colour: 'warn', sign: '!', name: messages.unshown, meaning: messages.unshownMeaning },
  risky: { colour: 'warn', sign: '✓', name: messages.risky, meaning: messages.riskyMeaning },
  vouched: { colour: 'neutral', sign: '◆', name: messages.vouched, meaning: messages.vouchedItem },
  seen: { colour: 'good', sign: '✓', name: messages.seen, meaning: messages.seenMeaning },
}

const APPROVES: Readonly<Record<DocumentHashType, Sentence>> = {
  sdr: messages.approvesSdr,
  sodr: messages.approvesSodr,
}

export function Badge({ group }: { group: ItemGroup }) {
  const say = useSay()
  const { colour, sign, name } = LOOKS[group]
  return (
    <span class={`badge ${colour}`}>
      <span aria-hidden="true">{sign}</span>
      {say(name)}
    </span>
  )
}

/** What the group means, what is approved, and what of the document may look otherwise. */
export function Meaning({ shown: { group, item, document } }: { shown: ShownItem }) {
  const say = useSay()
  return (
    <div class="quiet meaning">
      <p>{say(LOOKS[group].meaning)}</p>
      {isDocumentItem(item) && <p data-approves={item.hashType}>{say(APPROVES[item.hashType])}</p>}
      {document !== undefined && document.risks.length > 0 && (
        <ul>
          {document.risks.map(risk => (
            <li key={risk}>{say(riskMessages[risk])}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

export function ItemDetails({ shown: { item } }: { shown: ShownItem }) {
  const say = useSay()
  return (
    <details>
      <summary>{say(messages.details)}</summary>
      <dl class="facts">
        {!isDocumentItem(item) && (
          <>
            <dt>{say(messages.digest)}</dt>
            <dd class="digest">{toHex(item.dtbsr)}</dd>
          </>
        )}
        {'documentDigest' in item && (
          <>
            <dt>{say(messages.documentDigest)}</dt>
            <dd class="digest">{toHex(item.documentDigest)}</dd>
          </>
        )}
      </dl>
    </details>
  )
}
