/** The document in its frame: the page hands over a copy of the bytes that it has hashed. */
import { useEffect, useRef } from 'preact/hooks'
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import { messages } from './messages.ts'
import { dataPath, type FromViewer, type ToViewer } from './viewer-link.ts'

export function DocumentFrame({ bytes, label }: { bytes: Uint8Array<ArrayBuffer>; label: string }) {
  const say = useSay()
  const language = useLanguage()
  const frame = useRef<HTMLIFrameElement>(null)
  useEffect(() => {
    const answer = (message: ToViewer, transfer: Transferable[]) =>
      // The frame's origin is opaque, so no target origin names it. It gets what it exists to show.
      frame.current?.contentWindow?.postMessage(message, '*', transfer)
    const listen = async ({ source, data }: MessageEvent) => {
      if (source === null || source !== frame.current?.contentWindow) return
      if (typeof data !== 'object' || data === null) return
      const message: FromViewer = data // what it says is as good as the document, and is used as such
      if (message.natsuin === 'viewer-ready') {
        const copy = bytes.slice().buffer
        answer({ natsuin: 'show', bytes: copy, language }, [copy])
      } else if (message.natsuin === 'want') {
        const found = await viewerData(String(message.kind), String(message.name))
        answer({ natsuin: 'data', id: message.id, bytes: found }, found === undefined ? [] : [found])
      }
    }
    window.addEventListener('message', listen)
    return () => window.removeEventListener('message', listen)
  }, [bytes, language])
  return (
    <iframe
      ref={frame}
      key={language}
      class="viewer"
      src="/viewer.html"
      sandbox="allow-scripts"
      referrerpolicy="no-referrer"
      title={`${say(messages.viewerTitle)}: ${label}`}
    />
  )
}

async function viewerData(kind: string, name: string): Promise<ArrayBuffer | undefined> {
  const path = dataPath(kind, name)
  if (path === undefined) return undefined
  const answer = await fetch(path, { credentials: 'omit' })
  return answer.ok ? await answer.arrayBuffer() : undefined
}
