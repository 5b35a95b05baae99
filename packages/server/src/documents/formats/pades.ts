/** Format `P`: PAdES (EN 319 142-1 V1.2.1): a PDF, or the CMS for one that the client prepared. */
import { constants } from 'node:fs'
import { appendFile, copyFile, writeFile } from 'node:fs/promises'
import { type ByteSource, completeCades } from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { lasting, lastingLevel, stamping } from '../authorities-of.ts'
import { digestOfFile, withFile } from '../files.ts'
import { padesDescription } from '../properties/pades.ts'
import type { DocumentTask, PreparedDocument } from '../task.ts'
import { type Completion, type DocumentFormat, signerOf } from './format.ts'

export const pades: DocumentFormat = {
  async prepare(task) {
    const { source } = task
    // What is said in a dictionary stands in the document, which is the client's here.
    if ('digest' in source) return preparedCms(source.digest, task)
    return withFile(source.path, file => prepare(task, file))
  },
  async complete(task, completion) {
    const { source } = task
    if ('digest' in source) return completeCms(task, completion)
    return withFile(source.path, file => complete(task, completion, { file, path: source.path }))
  },
}

async function prepare(task: DocumentTask, file: ByteSource): Promise<PreparedDocument> {
  const { level, envelope, signingTime } = task
  // The one of the three that leaves others to sign as well (ISO 32000-2, table 257).
  const certification = envelope === 'Certification' ? ({ certification: 'form-filling' } as const) : {}
  const wishes = { ...signerOf(task), ...padesDescription(task), signingTime, ...certification }
  const state = await preparePades(file, { ...wishes, platform, withTimeStamp: level !== 'B-B' })
  const { dtbsr, signedAttributes: dtbs } = state
  const documentDigest = await digestOfFile(file, task.signatureAlgorithm)
  return { documentDigest, representation: { dtbsr, dtbs }, state }
}

async function complete(
  task: DocumentTask,
  { prepared: { state }, made, clock }: Completion,
  { file, path }: { readonly file: ByteSource; readonly path: string },
): Promise<void> {
  const level = lastingLevel(task)
  const options = level === undefined ? {} : { lasting: { ...lasting(task, clock), document: file, level } }
  const prepared = state as PreparedPades // what `prepare` put there
  const update = await completePades(prepared, made.signatureValue, { ...stamping(task), ...options })
  await copyFile(path, task.outputPath, constants.COPYFILE_FICLONE)
  await appendFile(task.outputPath, update)
}

function preparedCms(documentDigest: Uint8Array, task: DocumentTask): PreparedDocument {
  padesDescription(task)
  return { documentDigest, representation: { cms: 'pades' }, state: undefined }
}

/** What makes it last goes into the document, by the validation information that the client gets. */
async function completeCms(task: DocumentTask, completion: Completion): Promise<void> {
  const { documentDigest: contentDigest } = completion.prepared
  const { signatureValue, signedAttributes } = completion.made
  if (signedAttributes === undefined) throw new TypeError('the SAM makes these attributes')
  const prepared = { ...signerOf(task), contentDigest, signedAttributes, dtbsr: new Uint8Array() }
  await writeFile(task.outputPath, await completeCades(prepared, signatureValue, stamping(task)), {
    mode: 0o600,
  })
}
