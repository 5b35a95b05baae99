/**
 * The window in which a person approves: opened by the click itself, sent to the approval page, given the documents,
 * and closed when it is back at the application's redirect URI.
 *
 * The approval page belongs to another origin and can be told nothing but documents, which it knows by their digests.
 * Messages count only from that window, and from the origin that they are expected from.
 */

/** Why nothing came back. */
export class ApprovalWindowError extends Error {
  readonly code: 'window-blocked' | 'window-closed'

  constructor(code: 'window-blocked' | 'window-closed') {
    super(code)
    this.name = 'ApprovalWindowError'
    this.code = code
  }
}

/** A prepared document. Buffers are given away; files and other blobs are passed by reference. */
export type HandedDocument = Blob | ArrayBuffer

/** How many of the documents that were handed over are among those asked for. */
export interface HandOverProgress {
  readonly handedOver: number
  readonly of: number
  readonly matched: number
}

export interface ApproveOptions {
  /** Scheme, host and port of the approval page. */
  readonly approvalOrigin: string
  readonly documents?: readonly HandedDocument[]
  readonly onProgress?: (progress: HandOverProgress) => void
}

export interface WindowMessage {
  readonly origin: string
  readonly kind: string
  readonly members: Readonly<Record<string, unknown>>
}

export interface ApprovalWindow {
  /** Sends the window there and waits until `expect` recognises a message. @throws ApprovalWindowError `window-closed` */
  visit<T>(url: string, expect: (message: WindowMessage) => T | undefined): Promise<T>
  /**
   * Sends the window to an authorisation, hands documents over when the approval page asks for them, and gives the URL
   * that it came back to. @throws ApprovalWindowError `window-closed`
   */
  authorise(url: string, options?: Partial<ApproveOptions>): Promise<string>
  close(): void
}

const WIDTH = 760
const HEIGHT = 900
const CLOSED_POLL_MS = 300
/** Documents in one message: the page answers each before the next is sent. */
const PORTION = 100

/**
 * To be called in the event handler of a click: browsers block windows that open later.
 *
 * @throws ApprovalWindowError `window-blocked`
 */
export function openApprovalWindow(): ApprovalWindow {
  const left = Math.max(0, window.screenX + (window.outerWidth - WIDTH) / 2)
  const opened = window.open('', '_blank', `popup,width=${WIDTH},height=${HEIGHT},left=${left}`)
  if (opened === null) throw new ApprovalWindowError('window-blocked')
  const visit: ApprovalWindow['visit'] = (url, expect) => visitIn(opened, url, expect)
  return {
    visit,
    authorise: (url, { approvalOrigin, documents = [], onProgress } = {}) => {
      const handOver = new HandOver(opened, documents, onProgress)
      return visit(url, message => {
        if (message.origin === approvalOrigin) handOver.hear(message)
        return cameBackTo(message)
      })
    },
    close: () => opened.close(),
  }
}

/**
 * Asks for an approval in a window of its own: `begin` gets the URL of the authorisation, the documents are handed over,
 * and the answer is the URL that the window came back to.
 *
 * To be called in the event handler of a click.
 * @throws ApprovalWindowError, and what `begin` throws
 */
export async function openApproval(
  options: ApproveOptions & { readonly begin: () => Promise<string> },
): Promise<string> {
  const opened = openApprovalWindow()
  try {
    return await opened.authorise(await options.begin(), options)
  } finally {
    opened.close()
  }
}

/** On the page of the redirect URI: tells the application's window, and no other origin, where it came back to. */
export function reportCallback(): void {
  window.opener?.postMessage({ natsuin: 'callback', url: location.href }, location.origin)
}

/** Only a page of this application's own may say so. */
function cameBackTo({ origin, kind, members }: WindowMessage): string | undefined {
  return origin === location.origin && kind === 'callback' ? String(members['url']) : undefined
}

function visitIn<T>(
  opened: Window,
  url: string,
  expect: (message: WindowMessage) => T | undefined,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const listen = (event: MessageEvent) => {
    const message = event.source === opened ? read(event) : undefined
    const expected = message && expect(message)
    if (expected !== undefined) resolve(expected)
  }
  const watch = setInterval(() => {
    if (opened.closed) reject(new ApprovalWindowError('window-closed'))
  }, CLOSED_POLL_MS)
  window.addEventListener('message', listen)
  opened.location.href = url
  return promise.finally(() => {
    clearInterval(watch)
    window.removeEventListener('message', listen)
  })
}

function read({ origin, data }: MessageEvent): WindowMessage | undefined {
  if (typeof data !== 'object' || data === null || typeof data.natsuin !== 'string') return undefined
  return { origin, kind: data.natsuin, members: data }
}

/** Documents on their way to the approval page, a portion at a time. */
class HandOver {
  readonly #opened: Window
  readonly #documents: readonly HandedDocument[]
  readonly #onProgress: (progress: HandOverProgress) => void
  #sent = 0
  #handedOver = 0
  #matched = 0

  constructor(
    opened: Window,
    documents: readonly HandedDocument[],
    onProgress: (progress: HandOverProgress) => void = () => undefined,
  ) {
    this.#opened = opened
    this.#documents = documents
    this.#onProgress = onProgress
  }

  hear({ origin, kind, members }: WindowMessage): void {
    if (kind === 'ready') this.#send(origin)
    else if (kind === 'checked') this.#checked(origin, members)
  }

  #checked(origin: string, { matched, refused }: WindowMessage['members']): void {
    this.#matched += Number(matched)
    this.#handedOver += Number(matched) + Number(refused)
    this.#onProgress({ handedOver: this.#handedOver, of: this.#documents.length, matched: this.#matched })
    this.#send(origin)
  }

  #send(origin: string): void {
    const documents = this.#documents.slice(this.#sent, this.#sent + PORTION)
    if (documents.length === 0) return
    this.#sent += documents.length
    const buffers = documents.filter(one => one instanceof ArrayBuffer)
    this.#opened.postMessage({ natsuin: 'documents', documents }, origin, buffers)
  }
}
