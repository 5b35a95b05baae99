/**
 * natsuin sign --format xades: an XML document in itself, any other file inside a signature, and every file beside one.
 */
import type { ByteSource } from '@natsuin/ades/pdf'
import { completeXades, prepareXades, type XadesContent } from '@natsuin/ades/xades'
import { formatIn } from './formats.ts'
import { refusePdfWishes } from './pdf-wishes.ts'
import type { Progress } from './progress.ts'
import type { SignRequest } from './sign-request.ts'
import { signedName, uriOf } from './signed-name.ts'
import { signByProgram } from './signing-program.ts'
import { writeWhole } from './write-document.ts'

/** @returns where the signed document, or the signature, is */
export async function signXml(
  document: ByteSource,
  request: SignRequest,
  progress: Progress,
): Promise<string> {
  refusePdfWishes(request)
  const { level, path, program, signer, description, authorities } = request
  const { platform } = authorities
  progress.step('hashing')
  const content = await contentOf(document, request)
  const place = description.location === undefined ? {} : { productionPlace: { city: description.location } }
  const prepared = await prepareXades(content, { ...signer, ...place, platform, signingTime: new Date() })
  progress.end()
  const { signatureAlgorithm, signedInfo, dtbsr } = prepared
  const value = await signByProgram(program, { signatureAlgorithm, data: signedInfo, dtbsr })
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const signed = await completeXades(prepared, value, { platform, ...beyondBasic(document, request) })
  const output =
    request.output ?? (content.packaging === 'enveloped' ? signedName(path) : `${path}.xades.xml`)
  await writeWhole(output, signed)
  return output
}

async function contentOf(document: ByteSource, { detached, path }: SignRequest): Promise<XadesContent> {
  if (detached) return { packaging: 'detached', objects: [{ uri: uriOf(path), content: document }] }
  const bytes = (await document.read(0, document.size)).slice()
  if ((await formatIn(document)) === 'xades') return { packaging: 'enveloped', document: bytes }
  return { packaging: 'enveloping', objects: [{ bytes }] }
}

function beyondBasic(document: ByteSource, { level, path, authorities }: SignRequest) {
  const { timeStamp, trustAnchors, revocation } = authorities
  const stamped = timeStamp === undefined ? {} : { timeStamp }
  if (level === 'B-B') return {}
  if (level === 'B-T') return stamped
  const detached = (uri: string) => (uri === uriOf(path) ? document : undefined)
  return { ...stamped, lasting: { level, at: new Date(), trustAnchors, revocation, detached } }
}
