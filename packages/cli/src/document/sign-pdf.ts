/** natsuin sign --format pades: a PDF, by appending to it. */
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import type { ByteSource } from '@natsuin/ades/pdf'
import { tokenBytesOf } from '@natsuin/ades/time-stamping'
import type { Progress } from './progress.ts'
import type { SignRequest } from './sign-request.ts'
import { signedName } from './signed-name.ts'
import { signByProgram } from './signing-program.ts'
import { writeAppended } from './write-document.ts'

/** @returns where the signed document is */
export async function signPdf(
  document: ByteSource,
  request: SignRequest,
  progress: Progress,
): Promise<string> {
  const { level, path, output = signedName(path), program, authorities } = request
  progress.step('hashing')
  const prepared = await prepareAs(document, request)
  progress.end()
  const { signatureAlgorithm, signedAttributes, dtbsr } = prepared
  const value = await signByProgram(program, { signatureAlgorithm, data: signedAttributes, dtbsr })
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const update = await completePades(prepared, value, { ...authorities, ...lastingAt(document, request) })
  await writeAppended(path, output, update)
  return output
}

async function prepareAs(document: ByteSource, request: SignRequest): Promise<PreparedPades> {
  const { level, signer, description, appearance, authorities } = request
  const { platform, opening, timeStamp } = authorities
  const moment = { signingTime: new Date(), withTimeStamp: level !== 'B-B' }
  const room = timeStamp === undefined ? {} : { timeStampTokenBytes: await tokenBytesOf(timeStamp) }
  const wishes = { ...signer, ...description, ...moment, ...room, ...opening }
  return preparePades(document, { ...wishes, appearance, platform })
}

function lastingAt(document: ByteSource, { level, authorities }: SignRequest) {
  const { trustAnchors, revocation, opening } = authorities
  if (level === 'B-B' || level === 'B-T') return {}
  return { lasting: { document, level, at: new Date(), ...opening, trustAnchors, revocation } }
}
