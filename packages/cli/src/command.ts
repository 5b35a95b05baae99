/** A command of `natsuin`: what it is called, how it is used, what it does. */
export interface Command {
  /** Words after `natsuin`. */
  readonly name: string
  readonly usage: string
  readonly help: string
  /** Returns the exit code: 0 yes, 1 no, 2 not used right. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

export interface Terminal {
  out(text: string): void
  error(text: string): void
}

/** The command line is not one of this command's; the message says what is wrong. */
export class UsageError extends Error {
  readonly code = 'usage'
}
