/** What stands between the signer and the button: what his key refuses, or what he has to say in so many words first. */
import { type ApproveTicket, isDocumentItem } from '@natsuin/protocol/approval'
import type { ShownItem } from './shown-item.ts'

export type Obstacle = 'hash-type-refused' | 'basis-refused' | 'unseen-not-accepted' | 'unshown-not-accepted'

/** What the signer has said in so many words. */
export interface Acceptance {
  /** That he signs on the application's word, which nobody vouches for. */
  readonly unseen: boolean
  /** That he has looked elsewhere at documents that this page cannot show. */
  readonly unshown: boolean
}

export function obstacle(
  items: readonly Pick<ShownItem, 'item' | 'group'>[],
  { bases, level }: Pick<ApproveTicket, 'bases' | 'level'>,
  accepts: Acceptance,
): Obstacle | undefined {
  const isWholeFile = items.some(({ item }) => isDocumentItem(item) && item.hashType === 'sodr')
  if (level === 3 && isWholeFile) return 'hash-type-refused'
  if (!items.every(({ item }) => bases.includes(item.basis))) return 'basis-refused'
  if (!accepts.unseen && items.some(({ group }) => group === 'unseen')) return 'unseen-not-accepted'
  if (!accepts.unshown && items.some(({ group }) => group === 'unshown')) return 'unshown-not-accepted'
  return undefined
}
