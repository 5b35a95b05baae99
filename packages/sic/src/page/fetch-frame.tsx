/** The frame that fetches documents, and how far it is: only there when the application's signed request names addresses. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import { type FetchingView, LocationQueue } from './documents/location-queue.ts'
import type { FromFetcher, ToFetcher } from './fetcher-link.ts'
import { messages } from './messages.ts'

interface FetchFrameProps {
  readonly urls: readonly string[]
  /** Must stay the same function. */
  readonly take: (documents: readonly Blob[]) => unknown
}

export function FetchFrame({ urls, take }: FetchFrameProps) {
  const say = useSay()
  const frame = useRef<HTMLIFrameElement>(null)
  const queue = useRef<LocationQueue>(undefined)
  const [view, setView] = useState<FetchingView>()
  // Listens before the frame can have loaded: after a paint, its only greeting may have gone by.
  useLayoutEffect(() => {
    // The frame's origin is opaque, so no target origin names it. It gets an address and nothing else.
    const send = (message: ToFetcher) => frame.current?.contentWindow?.postMessage(message, '*')
    const fetching = new LocationQueue(urls, {
      send,
      onDocument: document => take([document]),
      onChange: setView,
    })
    queue.current = fetching
    const listen = ({ source, data }: MessageEvent) => {
      if (source === null || source !== frame.current?.contentWindow) return
      const message: FromFetcher = data // only the bundle's own script runs there
      fetching.hear(message)
    }
    window.addEventListener('message', listen)
    send({ natsuin: 'greet' })
    return () => window.removeEventListener('message', listen)
  }, [urls, take])
  return (
    <>
      <iframe
        ref={frame}
        src="/fetcher.html"
        sandbox="allow-scripts"
        referrerpolicy="no-referrer"
        title={say(messages.fetchingLabel)}
        hidden
      />
      {view && <Fetching view={view} onRetry={() => queue.current?.retry()} />}
    </>
  )
}

function Fetching({ view, onRetry }: { view: FetchingView; onRetry: () => void }) {
  const say = useSay()
  const language = useLanguage()
  const { of, fetched, failed, bytes } = view
  const size = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(bytes / 1_000_000)
  const open = of - fetched - failed
  return (
    <div class="fetching" data-fetched={fetched} data-failed={failed}>
      {open > 0 && (
        <>
          <progress max={of} value={fetched + failed} aria-label={say(messages.fetchingLabel)} />
          <p class="quiet">{say(messages.fetching)({ fetched, of, size })}</p>
        </>
      )}
      {open === 0 && failed > 0 && (
        <p class="quiet">
          {say(messages.notFetched)(failed)}{' '}
          <button type="button" class="small" onClick={onRetry}>
            {say(messages.fetchAgain)}
          </button>
        </p>
      )}
    </div>
  )
}
