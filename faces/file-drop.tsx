/** Where files are put: by dropping them, by clicking, or by keyboard. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { droppedFiles } from './dropped-files.ts'
import { useSay } from './frame.tsx'
import type { Sentence } from './language.ts'

interface FileDropProps {
  readonly label: Sentence
  readonly hint: Sentence
  /** Several files at once, and whole folders, by a button with this name. */
  readonly folders?: Sentence
  /** Which files are offered for choosing; default PDF. Empty: all. */
  readonly accept?: string
  readonly onFiles: (files: readonly File[]) => unknown
}

export function FileDrop({ label, hint, folders, accept = 'application/pdf', onFiles }: FileDropProps) {
  const say = useSay()
  const [over, setOver] = useState(false)
  const hover = (event: DragEvent, isOver: boolean) => {
    event.preventDefault()
    setOver(isOver)
  }
  const drop = async (event: DragEvent) => {
    hover(event, false)
    if (event.dataTransfer !== null) onFiles(await droppedFiles(event.dataTransfer))
  }
  return (
    <>
      <label
        class={over ? 'drop over' : 'drop'}
        onDragOver={event => hover(event, true)}
        onDragLeave={event => hover(event, false)}
        onDrop={drop}
      >
        <input
          type="file"
          accept={accept}
          multiple={folders !== undefined}
          onChange={event => take(event, onFiles)}
        />
        <p>{say(label)}</p>
        <p class="quiet">{say(hint)}</p>
      </label>
      {folders !== undefined && <FolderButton label={folders} onFiles={onFiles} />}
    </>
  )
}

function FolderButton({ label, onFiles }: { label: Sentence; onFiles: FileDropProps['onFiles'] }) {
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (input.current !== null) input.current.webkitdirectory = true
  }, [])
  return (
    <>
      <button type="button" class="small folder" onClick={() => input.current?.click()}>
        {say(label)}
      </button>
      <input ref={input} type="file" hidden onChange={event => take(event, onFiles)} />
    </>
  )
}

function take(
  { currentTarget }: { currentTarget: HTMLInputElement },
  onFiles: FileDropProps['onFiles'],
): void {
  onFiles([...(currentTarget.files ?? [])])
  // The same file can be put there again after a problem.
  currentTarget.value = ''
}
