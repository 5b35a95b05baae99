/** What the page says of each item: on what it is approved, and whether its document can be shown. */
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { SeenDocument } from './documents/document.ts'
import type { DocumentsView } from './documents/document-book.ts'

/** Groups of items, those that need the signer's attention first. */
export const groups = ['unseen', 'unshown', 'risky', 'vouched', 'seen'] as const
export type ItemGroup = (typeof groups)[number]

export interface ShownItem {
  readonly index: number
  readonly item: ApprovalItem
  readonly document: SeenDocument | undefined
  readonly group: ItemGroup
}

export function shownItems(
  items: readonly ApprovalItem[],
  { seen, unshown }: Pick<DocumentsView, 'seen' | 'unshown'>,
): readonly ShownItem[] {
  return items.map((item, index) => {
    const document = item.basis === 'seen' ? seen.get(index) : undefined
    return { index, item, document, group: groupOf(item, document, unshown.has(index)) }
  })
}

/** A document whose digest was checked, but which this page cannot show, has not been read here. */
function groupOf({ basis }: ApprovalItem, document: SeenDocument | undefined, isUnshown: boolean): ItemGroup {
  if (basis !== 'seen') return basis
  if (isUnshown || document?.kind === 'other') return 'unshown'
  return document !== undefined && document.risks.length > 0 ? 'risky' : 'seen'
}

export function countByGroup(items: readonly ShownItem[]): Readonly<Record<ItemGroup, number>> {
  const counts = { unseen: 0, unshown: 0, risky: 0, vouched: 0, seen: 0 }
  for (const { group } of items) counts[group] += 1
  return counts
}

/** The items whose label contains what was typed, whatever its case and width. */
export function searchItems(items: readonly ShownItem[], typed: string): readonly ShownItem[] {
  const wanted = comparable(typed.trim())
  return wanted === '' ? items : items.filter(({ item }) => comparable(item.label).includes(wanted))
}

const comparable = (text: string): string => text.normalize('NFKC').toLowerCase()
