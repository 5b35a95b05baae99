/**
 * The other half of a registration: the roster of the SAM, which alone decides who may ask for signatures. It changes by
 * approvals; here the change is said, or proposed.
 */
import type { Terminal } from '../command.ts'
import type { Flags } from '../flags.ts'
import { samPropose } from '../sam/propose.ts'

export const ROSTER_FLAGS = ['reason', 'minutes'] as const
export const ROSTER_SWITCHES = ['propose', 'no-wait'] as const

export const ROSTER_HELP = `  --propose         proposes what the roster needs, as natsuin sam propose does, with --reason TEXT, --minutes N and
                    --no-wait; without it, that is only said`

/** @param change of `natsuin sam propose`, with what it takes @returns the exit status */
export async function inRoster(
  change: readonly string[],
  { flags, directory }: { readonly flags: Flags; readonly directory: string },
  terminal: Terminal,
): Promise<number> {
  if (flags.has('propose')) {
    const given = ['reason', 'minutes'].flatMap(name => optionOf(name, flags.take(name)))
    const leaves = flags.has('no-wait') ? ['--no-wait'] : []
    return await samPropose.run([...change, ...given, ...leaves, '--directory', directory], terminal)
  }
  terminal.out(`It may not ask for signatures before the roster of the SAM says so, on the SAM's host:

  natsuin sam propose ${change.map(quoted).join(' ')} --reason '…'
`)
  return 0
}

export function optionOf(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, value]
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
