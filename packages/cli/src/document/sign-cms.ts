/** natsuin sign --format cades, --format asic: any file, inside a CMS signature, beside one, or in a container with one. */

import { basename } from 'node:path'
import { completeAsic, newAsic, prepareAsic, writeAsic } from '@natsuin/ades/asic'
import { attachContent, augmentCades, completeCades, prepareCades } from '@natsuin/ades/cades'
import type { ByteSource } from '@natsuin/ades/pdf'
import { raised } from './augment-cms.ts'
import { refusePdfWishes } from './pdf-wishes.ts'
import type { Progress } from './progress.ts'
import type { SignRequest } from './sign-request.ts'
import { signByProgram } from './signing-program.ts'
import { writeSource } from './write-document.ts'

/** @returns where the signature is */
export async function signCms(
  document: ByteSource,
  request: SignRequest,
  progress: Progress,
): Promise<string> {
  refusePdfWishes(request)
  const { level, path, program, detached, authorities } = request
  progress.step('hashing')
  const prepared = await prepareCades(document, wishesOf(request))
  progress.end()
  const { signatureAlgorithm, signedAttributes: data, dtbsr } = prepared
  const value = await signByProgram(program, { signatureAlgorithm, data, dtbsr })
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const signed = await completeCades(prepared, value, stampedBy(request))
  const lasting = { ...authorities, at: new Date(), content: document }
  const signature =
    level === 'B-LT' || level === 'B-LTA' ? await augmentCades(signed, level, lasting) : signed
  const output = request.output ?? `${path}.${detached ? 'p7s' : 'p7m'}`
  await writeSource(output, detached ? signature : attachContent(signature, document))
  return output
}

/** A container with the one file; it has a CAdES signature. */
export async function signContainer(
  document: ByteSource,
  request: SignRequest,
  progress: Progress,
): Promise<string> {
  refusePdfWishes(request)
  const { level, path, output = `${path}.asics`, program } = request
  progress.step('hashing')
  const container = newAsic('ASiC-S', [{ name: basename(path), content: document }])
  const asic = await prepareAsic(container, { signature: 'CAdES', ...wishesOf(request) })
  progress.end()
  if (asic.signature !== 'CAdES') throw new RangeError('a CAdES signature was prepared')
  const { signatureAlgorithm, signedAttributes: data, dtbsr } = asic.prepared
  const value = await signByProgram(program, { signatureAlgorithm, data, dtbsr })
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const signed = await completeAsic(container, asic, value, stampedBy(request))
  await writeSource(output, await writeAsic(await raised(signed, level, request.authorities)))
  return output
}

function wishesOf({ signer, description: { location }, authorities: { platform } }: SignRequest) {
  const claims = location === undefined ? {} : { claims: { signerLocation: { locality: location } } }
  return { ...signer, ...claims, platform, signingTime: new Date() }
}

function stampedBy({ level, authorities: { platform, timeStamp } }: SignRequest) {
  return level === 'B-B' || timeStamp === undefined ? { platform } : { platform, timeStamp }
}
