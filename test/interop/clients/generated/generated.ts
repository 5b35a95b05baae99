/**
 * A client in Java that OpenAPI Generator makes of our documents, of v1 and of v2: it calls every operation that they have.
 *
 * What signs is called in order, with what was answered before. The others are called with the example of the document:
 * they have to answer what the document says, be it a refusal.
 */
import { verify, X509Certificate } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { toBase64 } from '@natsuin/pki/encoding'
import { type Edition, editions } from '@natsuin/protocol/csc'
import {
  type Application,
  type CodeSigner,
  codeOf,
  ECDSA_SHA256_OID,
  firstCodeOf,
  makePassword,
  openApplication,
  SHA256_OID,
  type TestDocument,
  testDocuments,
} from '@natsuin/testing/deployment'
import { type JudgeProcess, startJudge } from '../../judges/judge-process.ts'
import { documentOf } from '../../setup/generated.ts'
import { commandOf, versionInPom } from '../../setup/java.ts'
import type { RealClient, Step } from '../client.ts'
import { APPLICATIONS, javaTrust, PIN, type Stage, signerAnswers } from '../stage.ts'

const program = { folder: import.meta.dirname, source: 'Runner.java' } as const

interface Operation {
  readonly edition: Edition
  readonly operationId: string
  readonly api: string
  /** What the document says that it can answer. */
  readonly statuses: readonly string[]
  /** Of the document; absent where its parameters are no JSON. */
  readonly example: object | undefined
}

const OPERATIONS: readonly Operation[] = editions.flatMap(edition =>
  readOperations(edition, documentOf(edition)),
)

const nameOf = ({ edition, operationId }: Pick<Operation, 'edition' | 'operationId'>) =>
  `${edition} ${operationId}`

export const generated: RealClient = {
  name: 'OpenAPI Generator, Java',
  version: versionInPom(program.folder),
  speaks: 'v1, v2 and OAuth by the OpenAPI documents',
  does: OPERATIONS.map(nameOf),
  limits: [],
  async *run(stage) {
    const process = startJudge<Asked, Answered>(commandOf(stage.home, program, ...javaTrust(stage)))
    try {
      for (const edition of editions) yield* callAll(stage, edition, process)
    } finally {
      await process.dismiss()
    }
  },
}

interface Asked {
  readonly id: string
  readonly edition: Edition
  readonly server: string
  readonly api: string
  readonly operation: string
  readonly request: object
  /** The header; empty for none. */
  readonly authorization: string
}

interface Answered {
  readonly id: string
  readonly status?: number
  readonly body?: Readonly<Record<string, unknown>>
  readonly error?: { readonly error: string; readonly error_description?: string }
  /** What the client says where it could make nothing of the answer. */
  readonly cannot?: string
}

/** What is known when an operation is called. */
interface Known {
  readonly edition: Edition
  readonly stage: Stage
  readonly application: Application
  readonly signer: CodeSigner
  readonly token: string
  readonly documents: readonly TestDocument[]
  /** Whose documents the service signs: a code works once, and the signer has used hers. */
  readonly second: { readonly signer: CodeSigner; readonly token: string }
  /** Ids of the operations that this deployment has; the others answer 501. */
  readonly offered: ReadonlySet<string>
  /** What the operations before answered, by their ids. */
  readonly answers: Map<string, Readonly<Record<string, unknown>>>
}

interface Script {
  readonly wanted: number
  readonly request: (known: Known) => object | Promise<object>
  /** What it shows, where that is not its token. */
  readonly authorization?: (known: Known) => Promise<string>
  /** What is wrong with a good answer, if anything. */
  readonly check?: (known: Known, body: Readonly<Record<string, unknown>>) => string | undefined
}

const hashesOf = ({ edition, documents }: Known) => {
  const hashes = documents.map(({ digest }) => digest.hash)
  return edition === 'v1' ? { hash: hashes } : { hashes, hashAlgorithmOID: SHA256_OID }
}

const credentialOf = ({ signer }: Known) => ({ credentialID: signer.credentialId })

/** Of these the answer is known; in the order in which they need each other. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  info: { wanted: 200, request: () => ({}) },
  credentialsList: { wanted: 200, request: () => ({}) },
  credentialsInfo: {
    wanted: 200,
    request: known => ({ ...credentialOf(known), certificates: 'chain', certInfo: true, authInfo: true }),
  },
  credentialsAuthorize: {
    wanted: 200,
    request: known => ({
      ...credentialOf(known),
      ...hashesOf(known),
      numSignatures: known.documents.length,
      ...factorsOf(known),
    }),
  },
  credentialsExtendTransaction: {
    wanted: 200,
    request: known => ({
      ...credentialOf(known),
      ...hashesOf(known),
      SAD: sadIn(known, 'credentialsAuthorize'),
    }),
  },
  signaturesSignHash: {
    wanted: 200,
    request: known => ({
      ...credentialOf(known),
      ...hashesOf(known),
      SAD: sadIn(known, 'credentialsExtendTransaction'),
      signAlgo: ECDSA_SHA256_OID,
    }),
    check: (known, { signatures }) => (areGood(known, signatures) ? undefined : 'they do not verify'),
  },
  signaturesSignDoc: { wanted: 200, request: documentRequest, authorization: secondHeader },
  signaturesSignPolling: {
    wanted: 200,
    request: pollingRequest,
    authorization: secondHeader,
    check: (_, { SignatureObject: made }) =>
      Array.isArray(made) && made.length === 1 ? undefined : 'it has no signature',
  },
  authLogin: { wanted: 200, request: () => ({}), authorization: passwordHeader },
  authRevoke: {
    wanted: 204,
    request: ({ answers }) => ({ token: answers.get('authLogin')?.['access_token'] }),
  },
  oauth2PushedAuthorize: { wanted: 201, request: authorizationRequest },
  oauth2Authorize: { wanted: 303, request: authorizationRequest },
  oauth2Token: { wanted: 200, request: tokenRequest },
  oauth2Revoke: { wanted: 204, request: ({ token, application }) => ({ token, ...clientOf(application) }) },
}

async function* callAll(
  stage: Stage,
  edition: Edition,
  process: JudgeProcess<Asked, Answered>,
): AsyncGenerator<Step> {
  const known = await openingOf(stage, edition)
  const order = Object.keys(SCRIPTS)
  const place = ({ operationId }: Operation) => order.indexOf(operationId)
  const operations = OPERATIONS.filter(one => one.edition === edition).sort((a, b) => place(a) - place(b))
  for (const operation of operations) yield await called(operation, known, process)
}

async function openingOf(stage: Stage, edition: Edition): Promise<Known> {
  const { id: clientId, secret } = APPLICATIONS.confidentialClient
  const authenticate = () => ({ client_secret: secret })
  const application = openApplication(stage.deployment, { clientId, edition, authenticate })
  const signer = await stage.withCodes(`Carol of ${edition}`)
  const token = await application.serviceToken(signer)
  const offered = await offeredBy(stage, edition)
  const documents = testDocuments(2)
  const secondSigner = await stage.withCodes(`Dora of ${edition}`)
  const second = { signer: secondSigner, token: await application.serviceToken(secondSigner) }
  return { stage, edition, application, signer, token, documents, second, offered, answers: new Map() }
}

/** The document that is served leaves out what this deployment has not. */
async function offeredBy({ deployment }: Stage, edition: Edition): Promise<ReadonlySet<string>> {
  const served = await fetch(`${deployment.urls.server}/csc/${edition}/openapi.json`)
  return new Set(readOperations(edition, await served.text()).map(({ operationId }) => operationId))
}

async function called(
  operation: Operation,
  known: Known,
  process: JudgeProcess<Asked, Answered>,
): Promise<Step> {
  const { edition, operationId, api, example = {} } = operation
  const script = SCRIPTS[operationId]
  const request = (await script?.request(known)) ?? example
  const server = known.stage.deployment.urls.server
  const shown = api === 'Oauth2Api' ? '' : `Bearer ${known.token}`
  const authorization = (await script?.authorization?.(known)) ?? shown
  const asked = { id: nameOf(operation), edition, server, api, operation: operationId, request }
  const answer = await process.ask({ ...asked, authorization })
  known.answers.set(operationId, answer.body ?? {})
  const wrong =
    wrongIn(answer, known.offered.has(operationId) ? operation.statuses : ['501'], script) ??
    script?.check?.(known, answer.body ?? {})
  return { what: nameOf(operation), passed: wrong === undefined, word: wrong ?? wordOf(answer) }
}

function wrongIn(
  answer: Answered,
  statuses: readonly string[],
  script: Script | undefined,
): string | undefined {
  if (answer.cannot !== undefined) return answer.cannot
  const status = answer.status ?? 0
  if (script !== undefined && status !== script.wanted) return wordOf(answer)
  return statuses.includes(String(status)) ? undefined : `${status}, which the document does not have`
}

function wordOf({ status, error }: Answered): string {
  return error === undefined ? `${status}` : `${status} ${error.error}: ${error.error_description}`
}

const sadIn = ({ answers }: Known, operationId: string) => answers.get(operationId)?.['SAD']

function factorsOf({ edition, signer }: Pick<Known, 'edition' | 'signer'>) {
  const code = firstCodeOf(signer)
  const authData = [
    { id: 'PIN', value: PIN },
    { id: 'OTP', value: code },
  ]
  return edition === 'v1' ? { PIN, OTP: code } : { authData }
}

function areGood({ documents, answers }: Known, signatures: unknown): boolean {
  const { cert } = (answers.get('credentialsInfo') ?? {}) as { cert?: { certificates?: readonly string[] } }
  const { publicKey } = new X509Certificate(Buffer.from(cert?.certificates?.[0] ?? '', 'base64'))
  const values = Array.isArray(signatures) ? signatures.map(String) : []
  return documents.every(({ dtbs }, i) =>
    verify('sha256', dtbs, publicKey, Buffer.from(values[i] ?? '', 'base64')),
  )
}

const clientOf = ({ clientId }: Application) => ({
  clientId,
  clientSecret: APPLICATIONS.confidentialClient.secret,
})

async function secondHeader({ second }: Known): Promise<string> {
  return `Bearer ${second.token}`
}

/** A CMS signature over a document's digest, to be fetched later. */
async function documentRequest({ application, edition, second: { signer, token } }: Known) {
  const [document] = testDocuments(1)
  const of = { credentialID: signer.credentialId }
  const hashes = [toBase64(document?.documentDigest ?? new Uint8Array())]
  const approved = { hashes, hashAlgorithmOID: SHA256_OID, hashType: 'sdr', numSignatures: 1 }
  const body = { ...of, ...approved, ...factorsOf({ edition, signer }) }
  const { SAD } = (await application.call('credentials/authorize', body, token)).body as { SAD?: string }
  const digest = { hashes, signature_format: 'C', signAlgo: ECDSA_SHA256_OID }
  return { ...of, SAD, documentDigests: [digest], operationMode: 'A' }
}

/** Asked for when it is there: what a client is told until then it knows as an error. */
async function pollingRequest({ application, answers, second: { token } }: Known) {
  const body = { requestID: answers.get('signaturesSignDoc')?.['responseID'] }
  while ((await application.call('signatures/signPolling', body, token)).status === 202) await setTimeout(50)
  return body
}

/** Software of the signer's knows no OAuth. */
async function passwordHeader({ stage, signer }: Known): Promise<string> {
  const password = await makePassword(stage.deployment, signer, 'Generated client')
  return `Basic ${Buffer.from(`${signer.signerId}:${password}`).toString('base64')}`
}

/** Names as Java has them. */
function authorizationRequest({ application }: Known) {
  const { parameters } = application.begin({ scope: 'service' })
  const camel = (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  const request = Object.fromEntries([...parameters].map(([name, value]) => [camel(name), value]))
  return { ...request, ...clientOf(application) }
}

/** The code comes back with the signer's browser. */
async function tokenRequest({ stage, application, signer }: Known) {
  const request = application.begin({ scope: 'service' })
  const callback = await signerAnswers(stage, signer).logIn(application.authorizeUrl(request.parameters))
  return {
    grantType: 'authorization_code',
    code: codeOf(callback),
    codeVerifier: request.verifier,
    redirectUri: application.redirectUri,
    ...clientOf(application),
  }
}

interface Written {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly responses: object
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly examples?: Examples }>> }
}
type Examples = Readonly<Record<string, { readonly value: object }>>

function readOperations(edition: Edition, document: string): readonly Operation[] {
  const { paths } = JSON.parse(document) as { paths: Readonly<Record<string, object>> }
  const written = Object.values(paths).flatMap(path => Object.values(path) as Written[])
  return written.map(({ operationId, tags: [tag = ''], responses, requestBody }) => ({
    edition,
    operationId,
    api: `${tag[0]?.toUpperCase()}${tag.slice(1)}Api`,
    statuses: Object.keys(responses),
    example: Object.values(requestBody?.content['application/json']?.examples ?? {})[0]?.value,
  }))
}
