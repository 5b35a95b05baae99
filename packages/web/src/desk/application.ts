/**
 * The application of this page: an ordinary CSC client that prepares the document here, so that only digests
 * travel (design 5), and hands the prepared document to the approval page, so that the signer sees what she signs.
 */
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { appendedSource, blobSource } from '@natsuin/ades/pdf'
import { type TimeStampSource, timeStampBy, tokenBytesOf } from '@natsuin/ades/time-stamping'
import { type Verdict, verifyPades } from '@natsuin/ades/validation'
import {
  type CredentialInfo,
  type CredentialRequest,
  type CscClient,
  createCscClient,
  type Token,
} from '@natsuin/client'
import type { ApprovalWindow } from '@natsuin/client/browser'
import { verifyEvidence } from '@natsuin/evidence'
import {
  digestAlgorithms,
  type SignatureAlgorithm,
  signatureAlgorithms,
  signatureByOid,
} from '@natsuin/pki/algorithms'
import { browserPlatform } from '@natsuin/pki/browser'
import { utf8 } from '@natsuin/pki/encoding'
import { madeVisible } from '@natsuin/protocol/approval'
import { PageRefusal } from '../failure.ts'
import { type DeskConfig, rootOf } from './desk.ts'
import type { Step, StepName } from './step.ts'

type EvidenceVerdict = Awaited<ReturnType<typeof verifyEvidence>>

export interface SignedDocument {
  readonly name: string
  readonly pdf: Blob
  readonly evidence: Blob
  readonly verdict: Verdict
  readonly evidenceVerdict: EvidenceVerdict
  readonly steps: readonly Step[]
}

export interface SignOptions {
  readonly file: File
  readonly window: ApprovalWindow
  readonly onStep: (name: StepName) => void
}

export interface Application {
  /** @throws PageRefusal, ApprovalWindowError, PdfRefusal, AdesRefusal, CscError */
  sign(options: SignOptions): Promise<SignedDocument>
}

export function createApplication(config: DeskConfig): Application {
  const redirectUri = `${location.origin}/desk/callback.html`
  const baseUrl = `${config.serverUrl}/csc/v2/`
  const client = createCscClient({ baseUrl, clientId: config.clientId, redirectUri })
  const exchange = (request: Uint8Array) => askTimeStamp(config.tsaUrl, request)
  const timeStamp = timeStampBy({ platform: browserPlatform, exchange })
  return { sign: options => sign({ client, config, timeStamp }, options) }
}

interface Setting {
  readonly client: CscClient
  readonly config: DeskConfig
  readonly timeStamp: TimeStampSource
}

async function sign({ client, config, timeStamp }: Setting, options: SignOptions): Promise<SignedDocument> {
  const { file, window } = options
  const { step, steps } = recorder(options.onStep)
  await step('discover', () => client.info())
  const service = await step('log-in', () => logIn(client, window))
  const credential = await step('credential', () => chooseCredential(client, service))
  const prepared = await step('prepare', () => prepare(file, credential, timeStamp))
  const begun = await step('push', () =>
    client.beginCredentialAuthorisation(requestFor(credential.id, prepared, madeVisible(file.name, 255))),
  )
  const { approvalOrigin } = config
  const documents = [preparedDocument(file, prepared)]
  const cameBackTo = await step('approve', () => window.authorise(begun.url, { approvalOrigin, documents }))
  const approved = await client.finishAuthorisation(begun.pending, cameBackTo)
  const signature = await step('sign', () => signHash(client, approved, credential, prepared))
  const update = await step('time-stamp', () =>
    completePades(prepared, signature, { platform: browserPlatform, timeStamp }),
  )
  const verdict = await step('verify', () => verify(file, update, config))
  const evidence = await step('evidence', () =>
    collectEvidence(client, service, { credentialId: credential.id, signature, verdict, config }),
  )
  await Promise.all([client.revoke(service), client.revoke(approved)])
  const pdf = new Blob([file, Uint8Array.from(update)], { type: 'application/pdf' })
  return { name: file.name, pdf, verdict, steps, ...evidence }
}

function recorder(onStep: (name: StepName) => void) {
  const steps: Step[] = []
  const step = async <T>(name: StepName, run: () => Promise<T>): Promise<T> => {
    onStep(name)
    const start = performance.now()
    const result = await run()
    steps.push({ name, milliseconds: Math.round(performance.now() - start) })
    return result
  }
  return { step, steps }
}

async function logIn(client: CscClient, window: ApprovalWindow): Promise<Token> {
  const { url, pending } = await client.beginServiceAuthorisation()
  return await client.finishAuthorisation(pending, await window.authorise(url))
}

interface ChosenCredential {
  readonly id: string
  readonly algorithm: SignatureAlgorithm
  readonly signingCertificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/** The first of the signer's credentials that can sign now. */
async function chooseCredential(client: CscClient, service: Token): Promise<ChosenCredential> {
  const { credentialIDs } = await client.credentialsList(service)
  for (const id of credentialIDs) {
    const usable = usableCredential(id, await client.credentialsInfo(service, { credentialID: id }))
    if (usable !== undefined) return usable
  }
  throw new PageRefusal('no-credential')
}

function usableCredential(id: string, { key, cert }: CredentialInfo): ChosenCredential | undefined {
  const [signingCertificate, ...chain] = cert.certificates
  const algorithm = key.algo.map(signatureByOid).find(name => name !== undefined)
  const usable = key.status === 'enabled' && cert.status === 'valid'
  return usable && signingCertificate !== undefined && algorithm !== undefined
    ? { id, algorithm, signingCertificate, chain }
    : undefined
}

/** The authority is asked how much room its tokens need, before anybody approves anything. */
async function prepare(
  file: File,
  credential: ChosenCredential,
  timeStamp: TimeStampSource,
): Promise<PreparedPades> {
  const { signingCertificate, chain, algorithm: signatureAlgorithm } = credential
  return await preparePades(blobSource(file), {
    platform: browserPlatform,
    signingCertificate,
    chain,
    signatureAlgorithm,
    signingTime: new Date(),
    withTimeStamp: true,
    timeStampTokenBytes: await tokenBytesOf(timeStamp),
  })
}

/** What the approval page is shown: the whole prepared document, which stays where the file is. */
function preparedDocument(file: File, { update }: PreparedPades): Blob {
  return new Blob([file, Uint8Array.from(update)])
}

function requestFor(credentialID: string, prepared: PreparedPades, label: string): CredentialRequest {
  const { dtbsr, signedAttributes, documentDigest } = prepared
  return {
    credentialID,
    documentDigests: [{ hash: dtbsr, label, hashType: 'dtbsr', dtbs: signedAttributes, documentDigest }],
    hashAlgorithmOID: hashOidOf(prepared.signatureAlgorithm),
  }
}

function hashOidOf(algorithm: SignatureAlgorithm): string {
  return digestAlgorithms[signatureAlgorithms[algorithm].digest].oid
}

async function signHash(
  client: CscClient,
  approved: Token,
  { id, algorithm }: ChosenCredential,
  { dtbsr }: PreparedPades,
) {
  const [signature = new Uint8Array()] = await client.signHash(approved, {
    credentialID: id,
    hashes: [dtbsr],
    hashAlgorithmOID: hashOidOf(algorithm),
    signAlgo: signatureAlgorithms[algorithm].oid,
  })
  return signature
}

/** RFC 3161, 3.4. @throws PageRefusal `time-stamp-unreachable` */
async function askTimeStamp(tsaUrl: string, request: Uint8Array): Promise<Uint8Array> {
  try {
    const headers = { 'content-type': 'application/timestamp-query' }
    const answer = await fetch(tsaUrl, { method: 'POST', headers, body: Uint8Array.from(request) })
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
    throw new TypeError(`the time-stamp authority answered ${answer.status}`)
  } catch (cause) {
    throw new PageRefusal('time-stamp-unreachable', {}, { cause })
  }
}

/** @throws PageRefusal `verification-failed`: a document that does not verify here is not handed out */
async function verify(file: File, update: Uint8Array, config: DeskConfig): Promise<Verdict> {
  const verdict = await verifyPades(appendedSource(blobSource(file), update), {
    platform: browserPlatform,
    trustAnchors: [rootOf(config)],
  })
  if (verdict.indication !== 'TOTAL-PASSED') throw new PageRefusal('verification-failed', { ...verdict })
  return verdict
}

interface EvidenceSubject {
  readonly credentialId: string
  readonly signature: Uint8Array
  readonly verdict: Verdict
  readonly config: DeskConfig
}

async function collectEvidence(client: CscClient, service: Token, about: EvidenceSubject) {
  const { credentialId, signature, verdict, config } = about
  const value = await client.evidence(service, { credentialID: credentialId, signature })
  const text = JSON.stringify(value, null, 2)
  const { signedAttributes, signatureValue } = verdict.facts
  const evidenceVerdict = await verifyEvidence({
    evidence: utf8(text),
    samKeyDigest: config.samKeyDigest,
    platform: browserPlatform,
    ...(signedAttributes && signatureValue && { document: { signedAttributes, signatureValue } }),
  })
  return { evidence: new Blob([text], { type: 'application/json' }), evidenceVerdict }
}
