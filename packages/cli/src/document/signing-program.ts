/**
 * The signer behind `natsuin sign`: any program that reads from standard input what the key signs and writes the
 * signature value to standard output. The key is its business; the document never gets there.
 */
import { spawn } from 'node:child_process'
import { type SignatureAlgorithm, signsMessages } from '@natsuin/pki/algorithms'
import { UsageError } from '../command.ts'

/** What there is to sign, and its hash. */
export interface ToSign {
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly data: Uint8Array
  readonly dtbsr: Uint8Array
}

/**
 * @param command  for the shell, as it stands on the command line
 * @throws UsageError when the program fails or says nothing
 */
export async function signByProgram(
  command: string,
  { signatureAlgorithm, data, dtbsr }: ToSign,
): Promise<Uint8Array> {
  const input = signsMessages(signatureAlgorithm) ? data : dtbsr
  const program = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const pieces: Uint8Array[] = []
  program.stdout.on('data', piece => pieces.push(piece))
  // A program that does not read its input ends the pipe; what it says counts.
  program.stdin.on('error', () => undefined)
  program.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    program.on('error', reject)
    program.on('close', resolve)
  })
  const value = Buffer.concat(pieces)
  if (code !== 0 || value.length === 0) throw new UsageError(`--sign-with: the program ended with ${code}.`)
  return new Uint8Array(value)
}
