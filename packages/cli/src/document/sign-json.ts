/** natsuin sign --format jades: any file, inside a JSON signature or beside it. */
import { completeJades, type DetachedContent, type JadesContent, prepareJades } from '@natsuin/ades/jades'
import type { ByteSource } from '@natsuin/ades/pdf'
import { utf8 } from '@natsuin/pki/encoding'
import { refusePdfWishes } from './pdf-wishes.ts'
import type { Progress } from './progress.ts'
import type { SignRequest } from './sign-request.ts'
import { uriOf } from './signed-name.ts'
import { signByProgram } from './signing-program.ts'
import { writeWhole } from './write-document.ts'

/** @returns where the signature is */
export async function signJson(
  document: ByteSource,
  request: SignRequest,
  progress: Progress,
): Promise<string> {
  const { level, path, output = `${path}.jades.json`, program, detached, authorities } = request
  refusePdfWishes(request)
  const { platform, timeStamp, trustAnchors, revocation } = authorities
  progress.step('hashing')
  const content = detached ? referringTo(document, path) : await attached(document)
  const wishes = { ...request.signer, ...placeOf(request), signingTime: new Date() }
  const prepared = await prepareJades(content, { ...wishes, platform })
  progress.end()
  const { signatureAlgorithm, signingInput, dtbsr } = prepared
  const value = await signByProgram(program, { signatureAlgorithm, data: signingInput, dtbsr })
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const given = detached ? detachedContent(document, path) : {}
  const lasting = {
    level,
    at: new Date(),
    trustAnchors,
    revocation,
    content: given,
    ...(timeStamp && { timeStamp }),
  }
  await writeWhole(output, utf8(await completeJades(prepared, value, { ...lasting, platform })))
  return output
}

function placeOf({ description: { location } }: SignRequest) {
  return location === undefined ? {} : { place: { addressLocality: location } }
}

async function attached(document: ByteSource): Promise<JadesContent> {
  return { kind: 'attached', payload: (await document.read(0, document.size)).slice() }
}

/** By its name alone, so that the two can be moved together; its digest is signed, however long it is. */
function referringTo(content: ByteSource, path: string): JadesContent {
  return { kind: 'by-uri-hash', objects: [{ uri: uriOf(path), content }], unencoded: true }
}

/** What a signature that refers to the file is over. */
export function detachedContent(content: ByteSource, path: string): DetachedContent {
  return { objects: new Map([[uriOf(path), content]]) }
}
