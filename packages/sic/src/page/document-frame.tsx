/** The document in its frame: the page hands over the bytes that it has hashed once more. */
import { useEffect, useRef } from 'preact/hooks'
import { useLanguage, useSay } from '../../../../faces/frame.tsx'
import { messages } from './messages.ts'
import type { Documents } from './use-documents.ts'
import { dataPath, type FromViewer, type ToViewer } from './viewer-link.ts'

interface DocumentFrameProps {
  /** Of the item whose document is shown. */
  readonly index: number
  readonly label: string
  readonly documents: Pick<Documents, 'show' | 'couldNotShow'>
}

export function DocumentFrame({ index, label, documents }: DocumentFrameProps) {
  const say = useSay()
  const language = useLanguage()
  const frame = useRef<HTMLIFrameElement>(null)
  const latest = useRef(documents)
  latest.current = documents
  useEffect(() => {
    const answer = (message: ToViewer, transfer: Transferable[]) =>
      // The frame's origin is opaque, so no target origin names it. It gets what it exists to show.
      frame.current?.contentWindow?.postMessage(message, '*', transfer)
    const show = async () => {
      const { buffer } = await latest.current.show(index)
      answer({ natsuin: 'show', bytes: buffer, language }, [buffer])
    }
    const bring = async ({ id, kind, name }: Extract<FromViewer, { natsuin: 'want' }>) => {
      const found = await viewerData(String(kind), String(name))
      answer({ natsuin: 'data', id, bytes: found }, found === undefined ? [] : [found])
    }
    const listen = ({ source, data }: MessageEvent) => {
      if (source === null || source !== frame.current?.contentWindow) return
      if (typeof data !== 'object' || data === null) return
      const message: FromViewer = data // what it says is as good as the document, and is used as such
      if (message.natsuin === 'viewer-ready') show().catch(console.warn)
      else if (message.natsuin === 'want') void bring(message)
      else if (message.natsuin === 'not-shown') latest.current.couldNotShow(index)
    }
    window.addEventListener('message', listen)
    return () => window.removeEventListener('message', listen)
  }, [index, language])
  return (
    <iframe
      ref={frame}
      key={`${index} ${language}`}
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
