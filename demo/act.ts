/**
 * The main act, played by an application and a signer (docs/one-signature.md tells it step by step).
 *
 * The application is an ordinary CSC client: it knows the API's address and a client id. The document stays
 * with it; digests travel. The signer has a device and a browser. They meet only through the service.
 */
import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { openFileSource } from '@natsuin/ades/node'
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import { type TimeStampSource, timeStampBy, tokenBytesOf } from '@natsuin/ades/time-stamping'
import { type CredentialRequest, type CscClient, createCscClient, type Token } from '@natsuin/client'
import { toBase64 } from '@natsuin/pki/encoding'
import { nodePlatform } from '@natsuin/pki/node'
import { madeVisible } from '@natsuin/protocol/approval'
import {
  approve,
  itemsFor,
  type KnownDeployment,
  logIn,
  openApproval,
  type Signer,
} from '@natsuin/testing/deployment'
import type { Step, StepName } from './result.ts'

export interface ActOptions {
  readonly known: KnownDeployment
  readonly signer: Signer
  readonly redirectUri: string
  readonly clientId: string
  /** Absolute paths. */
  readonly file: string
  readonly signedPdf: string
  readonly evidence: string
  /** Told of each step as it begins. */
  readonly onStep: (name: StepName) => void
}

export interface Acted {
  readonly credentialID: string
  readonly approved: { readonly label: string; readonly digest: string; readonly basis: string }
  readonly steps: readonly Step[]
}

/** Signs the file. @throws PdfRefusal when it cannot be signed; CscError when the service refuses */
export async function performAct(options: ActOptions): Promise<Acted> {
  const { known, signer, redirectUri } = options
  const { step, steps } = recorder(options.onStep)
  const client = createCscClient({ baseUrl: known.urls.csc, clientId: options.clientId, redirectUri })
  const timeStamp = timeStampBy({ platform: nodePlatform, exchange: exchangeWith(known.urls.timeStamp) })
  await step('discover', () => client.info())
  const service = await step('log-in', () => authoriseService(client, options))
  const { credentialID, chain } = await step('credential', () =>
    chooseCredential(client, service, signer.credentialId),
  )
  const prepared = await step('prepare', () => prepare(options.file, chain, timeStamp))
  const request = requestFor(credentialID, prepared, madeVisible(basename(options.file), 255))
  const pending = await step('push', () => client.beginCredentialAuthorisation(request))
  const { cameBackTo, approved } = await step('approve', () => approveAs(options, pending.url, prepared))
  const credential = await client.finishAuthorisation(pending.pending, cameBackTo)
  const signature = await step('sign', () => sign(client, credential, credentialID, prepared))
  await step('time-stamp', () => writeSigned(options, prepared, signature, timeStamp))
  const evidence = await step('evidence', () => client.evidence(service, { credentialID, signature }))
  writeFileSync(options.evidence, JSON.stringify(evidence, null, 2))
  await Promise.all([client.revoke(service), client.revoke(credential)])
  return { credentialID, approved, steps }
}

async function authoriseService(
  client: CscClient,
  { known, signer, redirectUri }: ActOptions,
): Promise<Token> {
  const { url, pending } = await client.beginServiceAuthorisation()
  return client.finishAuthorisation(pending, await logIn(known, signer, url, redirectUri))
}

async function chooseCredential(client: CscClient, service: Token, wanted: string) {
  const { credentialIDs } = await client.credentialsList(service)
  const credentialID = credentialIDs.find(id => id === wanted)
  if (credentialID === undefined) throw new Error('the signer has no credential here')
  const { cert } = await client.credentialsInfo(service, { credentialID })
  return { credentialID, chain: cert.certificates }
}

async function prepare(
  file: string,
  [signingCertificate, ...chain]: readonly Uint8Array[],
  timeStamp: TimeStampSource,
): Promise<PreparedPades> {
  if (signingCertificate === undefined) throw new Error('the credential has no certificate')
  const source = await openFileSource(file)
  try {
    return await preparePades(source, {
      platform: nodePlatform,
      signingCertificate,
      chain,
      signatureAlgorithm: 'ecdsa-sha256',
      signingTime: new Date(),
      withTimeStamp: true,
      timeStampTokenBytes: await tokenBytesOf(timeStamp),
    })
  } finally {
    await source.close()
  }
}

function requestFor(credentialID: string, prepared: PreparedPades, label: string): CredentialRequest {
  const { dtbsr, signedAttributes, documentDigest } = prepared
  return {
    credentialID,
    documentDigests: [{ hash: dtbsr, label, hashType: 'dtbsr', dtbs: signedAttributes, documentDigest }],
    hashAlgorithmOID: SHA256,
  }
}

/** The signer has the prepared document in front of her: the application handed it over. */
async function approveAs(
  { known, signer, redirectUri }: ActOptions,
  url: string,
  { documentDigest }: PreparedPades,
) {
  const shown = await openApproval(known, signer, url)
  const items = itemsFor(shown, [documentDigest])
  const [item] = items
  if (item === undefined || !('dtbsr' in item)) throw new Error('there is nothing to approve')
  const cameBackTo = await approve(known, signer, shown, { items, redirectUri })
  const approved = { label: item.label, digest: toBase64(item.dtbsr), basis: item.basis }
  return { cameBackTo, approved }
}

async function sign(client: CscClient, credential: Token, credentialID: string, { dtbsr }: PreparedPades) {
  const request = { credentialID, hashes: [dtbsr], hashAlgorithmOID: SHA256, signAlgo: ECDSA_SHA256 }
  const [signature = new Uint8Array()] = await client.signHash(credential, request)
  return signature
}

async function writeSigned(
  { file, signedPdf }: ActOptions,
  prepared: PreparedPades,
  signature: Uint8Array,
  timeStamp: TimeStampSource,
) {
  const update = await completePades(prepared, signature, { platform: nodePlatform, timeStamp })
  copyFileSync(file, signedPdf)
  appendFileSync(signedPdf, update)
}

/** RFC 3161, 3.4. */
function exchangeWith(url: string) {
  return async (body: Uint8Array): Promise<Uint8Array> => {
    const headers = { 'content-type': 'application/timestamp-query' }
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
    return new Uint8Array(await response.arrayBuffer())
  }
}

function recorder(onStep: (name: StepName) => void) {
  const steps: Step[] = []
  const step = async <T>(name: StepName, act: () => Promise<T>): Promise<T> => {
    onStep(name)
    const begun = performance.now()
    const done = await act()
    steps.push({ name, milliseconds: Math.round(performance.now() - begun) })
    return done
  }
  return { step, steps }
}

const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA_SHA256 = '1.2.840.10045.4.3.2'
