/** Where a file is put: by dropping it, by clicking, or by keyboard. */
import { useRef, useState } from 'preact/hooks'
import { useSay } from './frame.tsx'
import type { Sentence } from './language.ts'

interface FileDropProps {
  readonly label: Sentence
  readonly hint: Sentence
  readonly multiple?: boolean
  readonly onFiles: (files: readonly File[]) => unknown
}

/** Takes PDF files. */
export function FileDrop({ label, hint, multiple = false, onFiles }: FileDropProps) {
  const say = useSay()
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const take = (files: FileList | null | undefined) => {
    onFiles([...(files ?? [])])
    // The same file can be put there again after a problem.
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
        take(event.dataTransfer?.files)
      }}
    >
      <input
        ref={input}
        type="file"
        accept="application/pdf"
        multiple={multiple}
        onChange={event => take(event.currentTarget.files)}
      />
      <p>{say(label)}</p>
      <p class="quiet">{say(hint)}</p>
    </label>
  )
}
