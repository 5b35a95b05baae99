/**
 * Documents from the application's window (sole-control 4, step 3).
 *
 * Any page may have opened this one. Documents are taken from the window that did, and only from an origin that the
 * SAM's ticket names for the client; and even then a document counts by its digest alone. Bytes are transferred and
 * files passed by reference, so that large ones are not copied. Names that come along are not shown: the label that
 * is approved is.
 */
import type { Taken } from './document-book.ts'

/** In one message; an application with more sends the next ones when it hears of the first. */
const MAX_DOCUMENTS = 1000

/** The documents in a message `{natsuin: 'documents', documents: [Blob | ArrayBuffer]}`; `undefined` for any other. */
export function documentsIn(message: unknown): readonly Blob[] | undefined {
  if (!isObject(message) || message['natsuin'] !== 'documents') return undefined
  const documents = message['documents']
  if (!Array.isArray(documents) || documents.length > MAX_DOCUMENTS) return undefined
  const handed = documents.flatMap(blobOf)
  return handed.length === documents.length ? handed : undefined
}

function blobOf(document: unknown): Blob[] {
  if (document instanceof Blob) return [document]
  return document instanceof ArrayBuffer ? [new Blob([document])] : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** What this page says to the application. */
type ToApplication =
  /** Documents may be handed over from now on. Says nothing, so it may be heard by whoever opened the page. */
  | { readonly natsuin: 'ready' }
  /** As many of the documents of one message were asked for, and as many were not. */
  | ({ readonly natsuin: 'checked' } & Taken)

/**
 * Greets the window that opened this one and takes what it hands over, until the returned function is called.
 *
 * @param origins of the client, from its ticket; with none, nothing is taken
 */
export function receiveDocuments(
  origins: readonly string[],
  take: (documents: readonly Blob[]) => Promise<Taken>,
): () => void {
  const opener: Window | null = window.opener
  const listen = async ({ source, origin, data }: MessageEvent) => {
    if (opener === null || source !== opener || !origins.includes(origin)) return
    const documents = documentsIn(data)
    if (documents !== undefined) tell(opener, origin, { natsuin: 'checked', ...(await take(documents)) })
  }
  window.addEventListener('message', listen)
  if (opener !== null && origins.length > 0) tell(opener, '*', { natsuin: 'ready' })
  return () => window.removeEventListener('message', listen)
}

function tell(opener: Window, origin: string, message: ToApplication): void {
  opener.postMessage(message, origin)
}
