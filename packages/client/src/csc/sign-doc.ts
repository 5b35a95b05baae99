/** `signatures/signDoc` and `signPolling`: whole signatures made by the service (CSC API v2.0.0.2, 11.11 and 11.12). */
import { toBase64 } from '@natsuin/pki/encoding'
import { bytesIn } from '../base64.ts'
import { pause } from '../http/repeat.ts'
import { retryAfterSecondsOf } from '../http/retry-after.ts'
import { type Members, membersOf, membersOr, textOf, textsIn } from '../json.ts'
import type { Token } from '../token.ts'
import { readLong, type Sink } from './long-answer.ts'
import { encodeLong } from './long-request.ts'
import type { CscService, MethodOptions } from './service.ts'
import type { ServiceInfo } from './service-info.ts'
import { signaturesIn } from './sign-hash.ts'
import {
  type Later,
  laterMembers,
  type SigningAuthorisation,
  type SigningOptions,
  signingCall,
} from './signing.ts'

/** How a document is to be signed; names and values are the standard's. */
export interface SignatureWishes {
  /** `P` PDF, `C` CMS, `X` XML, `J` JSON. */
  readonly signature_format: 'P' | 'C' | 'X' | 'J'
  /** `AdES-B-B` where it is not said. */
  readonly conformance_level?: string
  /** OID, one of the credential's `key.algo`. */
  readonly signAlgo: string
  /** DER, where the algorithm has parameters. */
  readonly signAlgoParams?: Uint8Array
  readonly signed_envelope_property?: string
  /** Data Model 7.1: what a signature that stands alone calls its document. */
  readonly referenceUri?: string
  readonly signed_props?: readonly SignedProperty[]
}

export interface SignedProperty {
  readonly attribute_name: string
  /** As its format has it. */
  readonly attribute_value?: Uint8Array
}

export interface DocumentToSign extends SignatureWishes {
  /** Read a piece at a time: a `File` of a browser, or what `openAsBlob` of `node:fs` gives, is never whole in memory. */
  readonly document: Blob | Uint8Array
}

export interface DigestsToSign extends SignatureWishes {
  /** Of the documents, as their format takes them. */
  readonly hashes: readonly Uint8Array[]
  /** OID; needed where `signAlgo` leaves it open. */
  readonly hashAlgorithmOID?: string
}

export interface SignDocRequest {
  /** Or `signatureQualifier`, which lets the service choose. */
  readonly credentialID?: string
  readonly signatureQualifier?: string
  /** Either these… */
  readonly documents?: readonly DocumentToSign[]
  /** …or these. */
  readonly documentDigests?: readonly DigestsToSign[]
  /** Whether what proves the certificates' validity is wanted. */
  readonly returnValidationInfo?: boolean
}

/** Where a result goes, piece by piece. A call that is repeated opens it again. */
export type OpenStream = (member: ResultMember, index: number) => WritableStream<Uint8Array>

export interface SignDocOptions extends SigningOptions {
  /** Default: into memory. What goes there is an empty array in the result. */
  readonly into?: OpenStream
}

export interface SignedObjects {
  /** Documents with their signatures inside. */
  readonly documents: readonly Uint8Array<ArrayBuffer>[]
  /** Signatures that stand beside what they sign. */
  readonly signatureObjects: readonly Uint8Array<ArrayBuffer>[]
  readonly validationInfo?: ValidationInfo
}

/** DER each. */
export interface ValidationInfo {
  readonly ocsp: readonly Uint8Array<ArrayBuffer>[]
  readonly crl: readonly Uint8Array<ArrayBuffer>[]
  readonly certificates: readonly Uint8Array<ArrayBuffer>[]
}

export type ResultMember = 'DocumentWithSignature' | 'SignatureObject'
const RESULTS: readonly ResultMember[] = ['DocumentWithSignature', 'SignatureObject']

/** Documents travel both ways, and are signed in between. */
const SIGN_DOC_MS = 600_000

export async function signDoc(
  service: CscService,
  authorisation: SigningAuthorisation,
  request: SignDocRequest,
  { into, ...options }: SignDocOptions,
): Promise<SignedObjects> {
  const results = new Results(into)
  const call = { ...(await callFor(service, request, options)), read: results.read }
  return results.of((await signingCall(service, authorisation, call, options)).body)
}

/** The result can be fetched later, under the name that comes back. */
export async function signDocLater(
  service: CscService,
  authorisation: SigningAuthorisation,
  request: SignDocRequest & Later,
  options: SigningOptions,
): Promise<string> {
  const call = await callFor(service, request, options)
  const body = { ...call.body, ...laterMembers(request) }
  const { body: answer } = await signingCall(service, authorisation, { ...call, body }, options)
  return textOf(membersOf(answer)['responseID'], 'responseID')
}

async function callFor(service: CscService, request: SignDocRequest, options: MethodOptions) {
  const { info } = await service.told(options)
  const { credentialID, signatureQualifier, documents, documentDigests, returnValidationInfo } = request
  const body = {
    credentialID,
    signatureQualifier,
    returnValidationInfo,
    documents: documents?.map(({ document, ...wishes }) => ({
      document: document instanceof Blob ? document : new Blob([Uint8Array.from(document)]),
      ...wireWishes(wishes, info),
    })),
    documentDigests: documentDigests?.map(({ hashes, hashAlgorithmOID, ...wishes }) => ({
      hashes: hashes.map(toBase64),
      hashAlgorithmOID,
      ...wireWishes(wishes, info),
    })),
  }
  return { method: 'signatures/signDoc', body, encode: encodeLong, timeoutMs: SIGN_DOC_MS }
}

function wireWishes(
  { conformance_level = 'AdES-B-B', signAlgoParams, signed_props, ...wishes }: SignatureWishes,
  info: ServiceInfo,
) {
  return {
    ...wishes,
    conformance_level: inItsSpelling(conformance_level, info),
    signAlgoParams: signAlgoParams && toBase64(signAlgoParams),
    signed_props: signed_props?.map(({ attribute_name, attribute_value }) => ({
      attribute_name,
      attribute_value: attribute_value && toBase64(attribute_value),
    })),
  }
}

/** The standard has both `AdES-` and `Ades-`, and some services know one of them alone. */
function inItsSpelling(level: string, { conformanceLevels }: ServiceInfo): string {
  return conformanceLevels.find(one => one.toLowerCase() === level.toLowerCase()) ?? level
}

/** What came of one call: in memory, but for what goes into streams. */
class Results {
  readonly #into: OpenStream | undefined
  #inMemory = new Map<string, Uint8Array<ArrayBuffer>[][]>()

  constructor(into: OpenStream | undefined) {
    this.#into = into
  }

  readonly read = (response: Response): Promise<unknown> => {
    this.#inMemory = new Map() // what an attempt left whose answer did not come to its end
    const open = async (member: string, index: number) => {
      const stream = this.#into?.(member as ResultMember, index) // those that are asked for
      return stream === undefined ? this.#memory(member, index) : streamSink(stream)
    }
    return readLong(response, { members: RESULTS, open })
  }

  #memory(member: string, index: number): Sink {
    const values = this.#inMemory.get(member) ?? []
    this.#inMemory.set(member, values)
    const pieces: Uint8Array<ArrayBuffer>[] = []
    values[index] = pieces
    return { write: async bytes => void pieces.push(bytes), end: async () => undefined }
  }

  async of(answer: unknown): Promise<SignedObjects> {
    const members = membersOf(answer)
    const [documents = [], signatureObjects = []] = await Promise.all(
      RESULTS.map(member =>
        Promise.all(valuesIn(members, member).map((one, i) => this.#value(member, one, i))),
      ),
    )
    const { validationInfo } = members
    return {
      documents,
      signatureObjects,
      ...(validationInfo !== undefined && { validationInfo: readValidationInfo(membersOr(validationInfo)) }),
    }
  }

  /** Some services put each signature into an object of its own. */
  async #value(member: string, value: unknown, index: number): Promise<Uint8Array<ArrayBuffer>> {
    if (typeof value === 'object') return bytesIn(membersOf(value)['signature'], 'a signature')
    return new Uint8Array(await new Blob(this.#inMemory.get(member)?.[index] ?? []).arrayBuffer())
  }
}

function valuesIn(members: Members, member: string): readonly unknown[] {
  const values = members[member]
  return Array.isArray(values) ? values : []
}

function streamSink(stream: WritableStream<Uint8Array>): Sink {
  const writer = stream.getWriter()
  return { write: bytes => writer.write(bytes), end: () => writer.close() }
}

function readValidationInfo(members: Members): ValidationInfo {
  const [ocsp = [], crl = [], certificates = []] = ['ocsp', 'crl', 'certificates'].map(name =>
    textsIn(members[name]).map(one => bytesIn(one, name)),
  )
  return { ocsp, crl, certificates }
}

/** What a call that was not waited for has come to. */
export interface PollingResult extends SignedObjects {
  /** After `signHashLater`. */
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
}

export interface StillRunning {
  readonly retryAfterSeconds?: number
}

export interface PollingRequest {
  readonly responseID: string
  /** Only where the service token says nobody's. */
  readonly userID?: string
}

export interface PollingOptions extends MethodOptions {
  readonly into?: OpenStream
}

export async function signPolling(
  service: CscService,
  token: Token | undefined,
  { responseID, userID }: PollingRequest,
  { into, ...options }: PollingOptions,
): Promise<PollingResult | StillRunning> {
  const results = new Results(into)
  const call = { token, read: results.read } as const
  const request = { requestID: responseID, userID }
  const { status, headers, body } = await service.call('signatures/signPolling', request, call, options)
  const retryAfterSeconds = retryAfterSecondsOf(headers)
  if (status === 202) return retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  const signatures = membersOf(body)['signatures'] === undefined ? [] : signaturesIn(body)
  return { ...(await results.of(body)), signatures }
}

/** Between two questions, where the service does not say. */
const POLL_SECONDS = 2

/** Asks until it is done. The signal is what ends a wait that nobody ends. */
export async function finished(
  service: CscService,
  token: Token | undefined,
  request: PollingRequest,
  options: PollingOptions,
): Promise<PollingResult> {
  for (;;) {
    const now = await signPolling(service, token, request, options)
    if ('signatures' in now) return now
    await pause((now.retryAfterSeconds ?? POLL_SECONDS) * 1000, options.signal)
  }
}
