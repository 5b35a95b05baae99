/**
 * Documents from the window that opened this one.
 *
 * Any page may have opened it, so nothing depends on who did: a document counts only by its digest. The greeting
 * goes to whoever it is and carries nothing. Names that come along are not shown: the label that is approved is.
 */

const MAX_DOCUMENTS = 1000

/** The documents in a message `{natsuin: 'documents', documents: [{name, bytes}]}`; `undefined` for any other. */
export function documentsIn(message: unknown): readonly Uint8Array<ArrayBuffer>[] | undefined {
  if (!isObject(message) || message['natsuin'] !== 'documents') return undefined
  const documents = message['documents']
  if (!Array.isArray(documents) || documents.length > MAX_DOCUMENTS) return undefined
  const handed = documents.flatMap(bytesOf)
  return handed.length === documents.length ? handed : undefined
}

function bytesOf(document: unknown): Uint8Array<ArrayBuffer>[] {
  const bytes = isObject(document) ? document['bytes'] : undefined
  return bytes instanceof ArrayBuffer ? [new Uint8Array(bytes)] : []
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** Greets the opener and passes on what it hands over, until the returned function is called. */
export function receiveDocuments(
  onDocuments: (documents: readonly Uint8Array<ArrayBuffer>[]) => void,
): () => void {
  const { opener } = window
  const listen = (event: MessageEvent) => {
    if (opener === null || event.source !== opener) return
    const documents = documentsIn(event.data)
    if (documents !== undefined) onDocuments(documents)
  }
  window.addEventListener('message', listen)
  opener?.postMessage({ natsuin: 'ready' }, '*')
  return () => window.removeEventListener('message', listen)
}
