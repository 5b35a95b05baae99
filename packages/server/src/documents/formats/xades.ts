/** Format `X`: XAdES (EN 319 132-1 V1.3.1): in the XML document, around any document, beside one, or from a digest. */
import { writeFile } from 'node:fs/promises'
import type { ByteSource } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { completeXades, type PreparedXades, prepareXades, type XadesContent } from '@natsuin/ades/xades'
import { signatureAlgorithms } from '@natsuin/pki/algorithms'
import { lasting, lastingLevel, stamping } from '../authorities-of.ts'
import { digestOfFile, wholeFile, withFile } from '../files.ts'
import { xadesClaims } from '../properties/xades.ts'
import type { DocumentTask, PreparedDocument } from '../task.ts'
import { type Completion, type DocumentFormat, signerOf } from './format.ts'

export const xades: DocumentFormat = {
  async prepare(task) {
    const { source, signatureAlgorithm } = task
    if ('digest' in source) return prepare(task, source.digest, fromDigest(task, source.digest))
    return withFile(source.path, async file => {
      const documentDigest = await digestOfFile(file, signatureAlgorithm)
      return prepare(task, documentDigest, await CONTENTS[task.envelope as XadesEnvelope](task, file))
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
  content: XadesContent,
): Promise<PreparedDocument> {
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

function fromDigest(
  { referenceUri: uri, signatureAlgorithm }: DocumentTask,
  digest: Uint8Array,
): XadesContent {
  const { digest: digestAlgorithm } = signatureAlgorithms[signatureAlgorithm]
  return { packaging: 'detached', objects: [{ uri, content: { digestAlgorithm, digest } }] }
}

async function complete(
  task: DocumentTask,
  { prepared: { state }, made, clock }: Completion,
  file?: ByteSource,
): Promise<void> {
  const prepared = state as PreparedXades // what `prepare` put there
  const level = lastingLevel(task)
  const detached = (uri: string) => (uri === task.referenceUri ? file : undefined)
  const beyond = level === undefined ? {} : { lasting: { ...lasting(task, clock), level, detached } }
  const signed = await completeXades(prepared, made.signatureValue, { ...stamping(task), ...beyond })
  await writeFile(task.outputPath, signed, { mode: 0o600 })
}
