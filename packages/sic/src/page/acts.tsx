/** What somebody can do on a page: a row of buttons, and the one that the page is there for. */
import type { ComponentChildren } from 'preact'
import { useSay } from '../../../../faces/frame.tsx'
import type { Sentence } from '../../../../faces/language.ts'

export const Acts = ({ children }: { children: ComponentChildren }) => <div class="acts">{children}</div>

interface ButtonProps {
  readonly id: string
  readonly says: Sentence
  readonly disabled: boolean
  readonly onClick: () => void
}

export function Button({ id, says, disabled, onClick }: ButtonProps) {
  const say = useSay()
  return (
    <button type="button" class="primary" id={id} disabled={disabled} onClick={onClick}>
      {say(says)}
    </button>
  )
}
