/** A password, a PIN or a share of one: from a file, or typed where nobody sees it. As bytes, which can be wiped. */
import { readFileSync } from 'node:fs'
import { ReadStream, WriteStream } from 'node:tty'
import { UsageError } from '../command.ts'

/** @param file `undefined` to ask at the terminal */
export async function readPassword(
  file: string | undefined,
  asked: Question = { text: 'Password of the file: ', option: '--password-file' },
): Promise<Uint8Array> {
  return file === undefined ? askAtTerminal(asked) : withoutLineEnd(readFileSync(file))
}

/** One line end may follow the password, as editors write it. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const cut = bytes.at(-1) === LINE_FEED ? (bytes.at(-2) === RETURN ? 2 : 1) : 0
  const password = new Uint8Array(bytes.subarray(0, bytes.length - cut))
  bytes.fill(0)
  return password
}

interface Question {
  readonly text: string
  /** What names a file instead. */
  readonly option: string
}

async function askAtTerminal({ text, option }: Question): Promise<Uint8Array> {
  const { stdin, stderr } = process
  if (!(stdin instanceof ReadStream) || !(stderr instanceof WriteStream)) {
    throw new UsageError(`There is no terminal to ask at: name a file with ${option}.`)
  }
  // First the mode, then the question: whoever answers quickly is not to be shown either.
  stdin.setRawMode(true)
  stderr.write(text)
  try {
    return await readLine(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    stderr.write('\n')
  }
}

/** Until the line ends; without echo, because the terminal is in raw mode. */
async function readLine(stdin: ReadStream): Promise<Uint8Array> {
  const typed: number[] = []
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    for (const byte of chunk as Uint8Array) {
      if (byte === RETURN || byte === LINE_FEED || byte === END) return wiped(typed)
      if (byte === INTERRUPT) throw new UsageError('Given up.')
      if (byte === DELETE || byte === BACKSPACE) eraseCharacter(typed)
      else typed.push(byte)
    }
  }
  return wiped(typed)
}

/** The last character, which has several bytes in UTF-8 when it is none of ASCII. */
function eraseCharacter(typed: number[]): void {
  while (((typed.pop() ?? 0) & 0xc0) === 0x80);
}

function wiped(typed: number[]): Uint8Array {
  const password = Uint8Array.from(typed)
  typed.fill(0)
  return password
}

const [INTERRUPT, END, BACKSPACE, LINE_FEED, RETURN, DELETE] = [0x03, 0x04, 0x08, 0x0a, 0x0d, 0x7f] as const
