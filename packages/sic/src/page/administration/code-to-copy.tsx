/** Text that a person carries from here to wherever it was asked for. */
import { useState } from 'preact/hooks'
import { useSay } from '../../../../../faces/frame.tsx'
import type { Sentence } from '../../../../../faces/language.ts'
import { administrationMessages as words } from './messages.ts'

/** A code of protocol/administration. */
export function CodeToCopy({ code }: { code: string }) {
  return <ToCopy heading={words.codeHeading} note={words.codeNote} id="code" text={code} />
}

interface LinkToCopyProps {
  readonly heading: Sentence
  readonly note?: Sentence
  readonly text: string
}

export function LinkToCopy(props: LinkToCopyProps) {
  return <ToCopy id="link" {...props} />
}

function ToCopy({ heading, note, id, text }: LinkToCopyProps & { readonly id: string }) {
  const say = useSay()
  const [isCopied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // What cannot be copied for him, he can still mark.
      (error: unknown) => console.warn(error),
    )
  return (
    <section class="sheet" aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{say(heading)}</h2>
      {note && <p>{say(note)}</p>}
      <textarea
        id={id}
        class="code"
        readOnly
        rows={6}
        aria-labelledby={`${id}-heading`}
        value={text}
        onFocus={event => event.currentTarget.select()}
      />
      <div class="acts">
        <button type="button" id={`copy-${id}`} onClick={copy}>
          {say(isCopied ? words.copied : words.copy)}
        </button>
      </div>
    </section>
  )
}
