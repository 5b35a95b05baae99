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

/** Reads what the command line names. @throws UsageError with a sentence when there is no such file to read */
export async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!Object.hasOwn(UNREADABLE, code)) throw error
    throw new UsageError(`${path}: ${UNREADABLE[code]}`)
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file.',
  ENOTDIR: 'there is no such file.',
  EISDIR: 'this is a directory.',
  EACCES: 'this file may not be read.',
  EPERM: 'this file may not be read.',
}
