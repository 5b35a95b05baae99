/** Whether what was approved is what was asked for, whatever it was approved on, and under which label. */
import { equal } from '@natsuin/pki/encoding'
import { type ApprovalItem, isDocumentItem } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'

export function isAsked(item: ApprovalItem, asked: RequestedItem | undefined): boolean {
  if (asked === undefined) return false
  if (!isDocumentItem(item)) return 'dtbsr' in asked && equal(item.dtbsr, asked.dtbsr)
  return (
    'hashType' in asked &&
    item.hashType === asked.hashType &&
    equal(item.documentDigest, asked.documentDigest)
  )
}
