/**
 * A second window for what belongs to other origins: enrolling, logging in, approving.
 *
 * It is opened by the click itself, because browsers block windows that open later, and sent where it has to go
 * afterwards. Messages count only from that window, and from the origin that they are expected from.
 */
import { PageRefusal } from '../failure.ts'

export interface Popup {
  /** Sends the window there and waits until `expect` recognises a message from it. @throws PageRefusal `window-closed` */
  visit<T>(url: string, expect: (message: PopupMessage) => T | undefined): Promise<T>
  /** Posts to the page in the window if it is of this origin. */
  post(message: unknown, origin: string, transfer?: Transferable[]): void
  close(): void
}

export interface PopupMessage {
  readonly origin: string
  readonly kind: string
  readonly members: Readonly<Record<string, unknown>>
}

const WIDTH = 560
const HEIGHT = 820
const CLOSED_POLL_MS = 300

/** @throws PageRefusal `window-blocked` */
export function openPopup(): Popup {
  const left = Math.max(0, window.screenX + (window.outerWidth - WIDTH) / 2)
  const popup = window.open('', '_blank', `popup,width=${WIDTH},height=${HEIGHT},left=${left}`)
  if (popup === null) throw new PageRefusal('window-blocked')
  return {
    visit(url, expect) {
      const { promise, resolve, reject } = Promise.withResolvers<NonNullable<ReturnType<typeof expect>>>()
      const listen = (event: MessageEvent) => {
        const message = event.source === popup ? read(event) : undefined
        const expected = message && expect(message)
        if (expected !== undefined && expected !== null) resolve(expected)
      }
      const watch = setInterval(() => {
        if (popup.closed) reject(new PageRefusal('window-closed'))
      }, CLOSED_POLL_MS)
      window.addEventListener('message', listen)
      popup.location.href = url
      return promise.finally(() => {
        clearInterval(watch)
        window.removeEventListener('message', listen)
      })
    },
    post: (message, origin, transfer = []) => popup.postMessage(message, origin, transfer),
    close: () => popup.close(),
  }
}

function read({ origin, data }: MessageEvent): PopupMessage | undefined {
  if (typeof data !== 'object' || data === null || typeof data.natsuin !== 'string') return undefined
  return { origin, kind: data.natsuin, members: data }
}
