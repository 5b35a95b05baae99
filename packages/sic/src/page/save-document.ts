/** Lets the signer keep the document before signing it (TS 119 431-2 V1.2.1, 8.1). */
import type { ShownItem } from './shown-item.ts'

/** As a download of unknown kind: nothing that somebody else wrote is ever opened as a page of this origin. */
export function saveDocument({ item, document: seen }: ShownItem): void {
  if (seen === undefined) return
  const url = URL.createObjectURL(new Blob([seen.blob], { type: 'application/octet-stream' }))
  const link = window.document.createElement('a')
  link.href = url
  link.download = item.label
  link.click()
  setTimeout(() => URL.revokeObjectURL(url))
}
