/** Format `X`: XAdES (EN 319 132-1 V1.3.1): in the XML document, around any document, beside one, or from a digest. */
import { writeFile } from 'node:fs/promises'
import type { ByteSource } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { completeXades, type PreparedXades, prepareXades, type XadesContent } from '@natsuin/ades/xades'
import { lasting, lastingLevel, stamping } from '../authorities-of.ts'
import { wholeFile } from '../files.ts'
import { xadesClaims } from '../properties/xades.ts'
import type { DocumentTask, PreparedDocument } from '../task.ts'
import {
  type Completion,
  contentByDigest,
  type DocumentFormat,
  digestOf,
  onSource,
  signerOf,
} from './format.ts'

export const xades: DocumentFormat = {
  prepare: task => onSource(task, file => prepare(task, file)),
  complete: (task, completion) => onSource(task, file => complete(task, completion, file)),
}

async function prepare(task: DocumentTask, file: ByteSource | undefined): Promise<PreparedDocument> {
  const documentDigest = await digestOf(task, file)
  const content = await contentOf(task, documentDigest, file)
  const { signingTime, properties } = task
  const state = await prepareXades(content, {
    ...signerOf(task),
    ...xadesClaims(properties),
    signingTime,
    platform,
  })
  const { dtbsr, signedInfo: dtbs } = state
  return { documentDigest, representation: { dtbsr, dtbs }, state }
}

type XadesEnvelope = 'Enveloped' | 'Enveloping' | 'Detached'

const CONTENTS: Readonly<
  Record<XadesEnvelope, (task: DocumentTask, file: ByteSource) => Promise<XadesContent>>
> = {
  Enveloped: async (_, file) => ({ packaging: 'enveloped', document: await wholeFile(file) }),
  Enveloping: async (_, file) => ({ packaging: 'enveloping', objects: [{ bytes: await wholeFile(file) }] }),
  Detached: async ({ referenceUri: uri }, content) => ({
    packaging: 'detached',
    objects: [{ uri, content }],
  }),
}

async function contentOf(
  task: DocumentTask,
  digest: Uint8Array,
  file: ByteSource | undefined,
): Promise<XadesContent> {
  if (file !== undefined) return CONTENTS[task.envelope as XadesEnvelope](task, file) // as the format offers them
  return {
    packaging: 'detached',
    objects: [{ uri: task.referenceUri, content: contentByDigest(task, digest) }],
  }
}

async function complete(
  task: DocumentTask,
  { prepared: { state }, made, clock }: Completion,
  file: ByteSource | undefined,
): Promise<void> {
  const prepared = state as PreparedXades // what `prepare` put there
  const level = lastingLevel(task)
  const detached = (uri: string) => (uri === task.referenceUri ? file : undefined)
  const beyond = level === undefined ? {} : { lasting: { ...lasting(task, clock), level, detached } }
  const signed = await completeXades(prepared, made.signatureValue, { ...stamping(task), ...beyond })
  await writeFile(task.outputPath, signed, { mode: 0o600 })
}
