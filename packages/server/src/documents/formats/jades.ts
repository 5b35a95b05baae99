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
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { fromBase64url, fromUtf8, utf8 } from '@natsuin/pki/encoding'
import { lasting, stamping } from '../authorities-of.ts'
import { digestOfFile, wholeFile, withFile } from '../files.ts'
import { checkNoProperties } from '../properties/jades.ts'
import { DocumentRefused } from '../refusal.ts'
import type { DocumentTask, PreparedDocument } from '../task.ts'
import { type Completion, type DocumentFormat, signerOf } from './format.ts'

export const jades: DocumentFormat = {
  async prepare(task) {
    const { source, signatureAlgorithm } = task
    if ('digest' in source) return prepare(task, source.digest, fromDigest(task, source.digest))
    return withFile(source.path, async file => {
      const documentDigest = await digestOfFile(file, signatureAlgorithm)
      return prepare(task, documentDigest, await CONTENTS[task.envelope as JadesEnvelope](task, file))
    })
  },
  async complete(task, completion) {
    const { source } = task
    if ('digest' in source) return complete(task, completion)
    return withFile(source.path, file => complete(task, completion, file))
  },
}

async function prepare(
  task: DocumentTask,
  documentDigest: Uint8Array,
  content: JadesContent,
): Promise<PreparedDocument> {
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

function fromDigest(
  { referenceUri: uri, signatureAlgorithm }: DocumentTask,
  digest: Uint8Array,
): JadesContent {
  const { digest: digestAlgorithm } = signatureAlgorithms[signatureAlgorithm]
  return byHash({ uri, content: { digestAlgorithm, digest } })
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
  file?: ByteSource,
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
