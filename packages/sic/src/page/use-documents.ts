/**
 * The documents that the page holds: handed over by the application's window, fetched from where its signed request
 * says, or put there by the signer.
 */
import { browserPlatform } from '@natsuin/pki/browser'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { Examiner } from './documents/document.ts'
import { DocumentBook, type DocumentsView, type Taken } from './documents/document-book.ts'
import { receiveDocuments } from './documents/handover.ts'
import type { Approval } from './open-approval.ts'

export interface Documents {
  readonly view: DocumentsView
  /** Stays the same function. */
  readonly take: (documents: readonly Blob[]) => Promise<Taken>
  forgetProblems(): void
  /** The bytes to show of the document of this item. @throws Problem */
  show(index: number): Promise<Uint8Array<ArrayBuffer>>
  couldNotShow(index: number): void
}

export function useDocuments({ items, asked, ticket }: Approval): Documents {
  const [view, setView] = useState<DocumentsView>()
  const book = useMemo(
    () => new DocumentBook(new Examiner(items, asked.digestAlgorithm, browserPlatform), setView),
    [items, asked],
  )
  const take = useCallback((documents: readonly Blob[]) => book.take(documents), [book])
  useEffect(() => receiveDocuments(ticket.client.origins ?? [], take), [ticket, take])
  return useMemo(
    () => ({
      view: view ?? book.view,
      take,
      forgetProblems: () => book.forgetProblems(),
      show: index => book.show(index),
      couldNotShow: index => book.couldNotShow(index),
    }),
    [view, book, take],
  )
}
