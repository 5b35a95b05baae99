/** Format `C`: CAdES (EN 319 122-1 V1.3.1), around a document, beside one, beside the signers that one has, or from a digest. */
import { writeFile } from 'node:fs/promises'
import {
  attachContent,
  augmentCades,
  type ByteSource,
  type Content,
  completeCades,
  openCades,
  type PreparedCades,
  prepareCades,
} from '@natsuin/ades/cades'
import { nodePlatform as platform } from '@natsuin/ades/node'
import { lasting, lastingLevel, stamping } from '../authorities-of.ts'
import { writeNew } from '../files.ts'
import { cadesClaims } from '../properties/cades.ts'
import { DocumentRefused } from '../refusal.ts'
import type { DocumentTask, MadeSignature, PreparedDocument } from '../task.ts'
import {
  type Completion,
  contentByDigest,
  type DocumentFormat,
  digestOf,
  onSource,
  signerOf,
} from './format.ts'

export const cades: DocumentFormat = {
  prepare: task => onSource(task, source => prepare(task, source)),
  complete: (task, completion) => onSource(task, source => complete(task, completion, source)),
}

/** What is signed, and the signature beside which it shall be. */
interface Signed {
  readonly content: Content
  readonly beside?: Uint8Array
  /** Where the signature goes around it. */
  readonly around?: ByteSource
}

async function prepare(task: DocumentTask, file: ByteSource | undefined): Promise<PreparedDocument> {
  const documentDigest = await digestOf(task, file)
  // Where the signer says nothing further the SAM makes the attributes itself.
  if (task.properties.length === 0 && task.envelope !== 'Parallel') {
    return { documentDigest, representation: { cms: 'cades' }, state: undefined }
  }
  const { content } = await signedOf(task, file)
  const { signingTime } = task
  const claims = cadesClaims(task.properties)
  const state = await prepareCades(content, { ...signerOf(task), platform, signingTime, claims })
  const { dtbsr, signedAttributes: dtbs } = state
  return { documentDigest, representation: { dtbsr, dtbs }, state }
}

async function complete(
  task: DocumentTask,
  { prepared, made, clock }: Completion,
  file: ByteSource | undefined,
): Promise<void> {
  const { content, beside, around } = await signedOf(task, file)
  const besideOthers = beside === undefined ? {} : { beside }
  const whole = preparedCades(task, prepared, made)
  const signed = await completeCades(whole, made.signatureValue, { ...stamping(task), ...besideOthers })
  const level = lastingLevel(task)
  const options = { ...stamping(task), ...lasting(task, clock), content }
  const signature = level === undefined ? signed : await augmentCades(signed, level, options)
  if (around === undefined) await writeFile(task.outputPath, signature, { mode: 0o600 })
  else await writeNew(task.outputPath, attachContent(signature, around))
}

async function signedOf(task: DocumentTask, file: ByteSource | undefined): Promise<Signed> {
  const { source, envelope } = task
  if ('digest' in source) return { content: contentByDigest(task, source.digest) }
  if (file === undefined) throw new TypeError('a document is a file')
  if (envelope !== 'Parallel') return { content: file, ...(envelope === 'Attached' ? { around: file } : {}) }
  const { signature: beside, content } = await openCades(file)
  // What the others signed is not ours to guess.
  if (content === undefined) throw new DocumentRefused('document-unfit', 'content-missing')
  return { content, beside, around: content }
}

/** As `prepareCades` makes it, with the attributes that the SAM made or with ours. */
function preparedCades(
  task: DocumentTask,
  { documentDigest, state }: PreparedDocument,
  made: MadeSignature,
): PreparedCades {
  const { signedAttributes } = made
  if (signedAttributes === undefined) return state as PreparedCades // what `prepare` put there
  return { ...signerOf(task), contentDigest: documentDigest, signedAttributes, dtbsr: new Uint8Array() }
}
