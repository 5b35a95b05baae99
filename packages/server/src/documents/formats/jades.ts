/**
 * Format `J`: JAdES (TS 119 182-1 V1.2.1), in flattened JSON: around a document, beside one, beside the signers that one
 * has, or from a digest.
 *
 * Beside a document the signature refers to it by its digest (5.2.8.3.3), so that it may be of any length.
 */
import { writeFile } from 'node:fs/promises'
import type { ByteSource } from '@natsuin/ades/cades'
import { completeJades, type JadesContent, type PreparedJades, prepareJades } from '@natsuin/ades/jades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { fromBase64url, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { lasting, stamping } from '../authorities-of.ts'
import { wholeFile } from '../files.ts'
import { checkNoProperties } from '../properties/jades.ts'
import { DocumentRefused } from '../refusal.ts'
import type { DocumentTask, PreparedDocument } from '../task.ts'
import {
  type Completion,
  contentByDigest,
  type DocumentFormat,
  digestOf,
  onSource,
  signerOf,
} from './format.ts'

export const jades: DocumentFormat = {
  prepare: task => onSource(task, file => prepare(task, file)),
  complete: (task, completion) => onSource(task, file => complete(task, completion, file)),
}

async function prepare(task: DocumentTask, file: ByteSource | undefined): Promise<PreparedDocument> {
  const documentDigest = await digestOf(task, file)
  const content = await contentOf(task, documentDigest, file)
  checkNoProperties(task.properties)
  const { signingTime } = task
  const state = await prepareJades(content, { ...signerOf(task), signingTime, platform })
  const { dtbsr, signingInput: dtbs } = state
  return { documentDigest, representation: { dtbsr, dtbs }, state }
}

type JadesEnvelope = 'Attached' | 'Detached' | 'Parallel'

const CONTENTS: Readonly<
  Record<JadesEnvelope, (task: DocumentTask, file: ByteSource) => Promise<JadesContent>>
> = {
  Attached: async (_, file) => ({ kind: 'attached', payload: await wholeFile(file) }),
  Detached: async ({ referenceUri: uri }, content) => byHash({ uri, content }),
  Parallel: async (_, file) => ({ kind: 'attached', payload: payloadOf(await textOf(file)) }),
}

async function contentOf(
  task: DocumentTask,
  digest: Uint8Array,
  file: ByteSource | undefined,
): Promise<JadesContent> {
  if (file !== undefined) return CONTENTS[task.envelope as JadesEnvelope](task, file) // as the format offers them
  return byHash({ uri: task.referenceUri, content: contentByDigest(task, digest) })
}

type HashedObject = (JadesContent & { readonly kind: 'by-uri-hash' })['objects'][number]

const byHash = (object: HashedObject): JadesContent => ({
  kind: 'by-uri-hash',
  objects: [object],
  unencoded: true,
})

async function complete(
  task: DocumentTask,
  { prepared: { state }, made, clock }: Completion,
  file: ByteSource | undefined,
): Promise<void> {
  const prepared = state as PreparedJades // what `prepare` put there
  const { level, envelope, referenceUri } = task
  const beside = envelope === 'Parallel' && file !== undefined ? { beside: await textOf(file) } : {}
  const isBeside = envelope === 'Detached' && file !== undefined
  const content = isBeside ? { content: { objects: new Map([[referenceUri, file]]) } } : {}
  const options = { ...stamping(task), ...lasting(task, clock), ...content, ...beside, level }
  const signed = await completeJades(prepared, made.signatureValue, options)
  await writeFile(task.outputPath, utf8(signed), { mode: 0o600 })
}

async function textOf(file: ByteSource): Promise<string> {
  const text = fromUtf8(await wholeFile(file))
  if (text === undefined) throw new DocumentRefused('document-unfit', 'signature-unreadable')
  return text
}

/** Of a signature in any form (RFC 7515, 7), without what it says about itself: whether it is one `ades` finds out. */
function payloadOf(text: string): Uint8Array {
  const payload = fromBase64url(
    text.trimStart().startsWith('{') ? memberPayload(text) : (text.split('.')[1] ?? ''),
  )
  if (payload === undefined || payload.length === 0)
    throw new DocumentRefused('document-unfit', 'content-missing')
  return payload
}

function memberPayload(text: string): string {
  try {
    return String((JSON.parse(text) as { payload?: unknown }).payload ?? '')
  } catch (cause) {
    throw new DocumentRefused('document-unfit', 'signature-unreadable', { cause })
  }
}
