/** Where the signer puts a document: by dropping it, by clicking, or by keyboard. */
import { useRef, useState } from 'preact/hooks'
import { useSay } from '../../../../faces/frame.tsx'
import { messages } from './messages.ts'

interface DocumentDropProps {
  readonly onFiles: (documents: readonly Uint8Array<ArrayBuffer>[]) => unknown
}

export function DocumentDrop({ onFiles }: DocumentDropProps) {
  const say = useSay()
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const take = async (files: FileList | null | undefined) => {
    const documents = [...(files ?? [])].map(async file => new Uint8Array(await file.arrayBuffer()))
    onFiles(await Promise.all(documents))
    if (input.current !== null) input.current.value = ''
  }
  const hover = (event: DragEvent, isOver: boolean) => {
    event.preventDefault()
    setOver(isOver)
  }
  return (
    <label
      class={over ? 'drop over' : 'drop'}
      onDragOver={event => hover(event, true)}
      onDragLeave={event => hover(event, false)}
      onDrop={event => {
        hover(event, false)
        void take(event.dataTransfer?.files)
      }}
    >
      <input
        ref={input}
        class="file-choice"
        type="file"
        accept="application/pdf"
        multiple
        onChange={event => void take(event.currentTarget.files)}
      />
      <p>{say(messages.dropHere)}</p>
      <p class="quiet">{say(messages.dropChoose)}</p>
    </label>
  )
}
