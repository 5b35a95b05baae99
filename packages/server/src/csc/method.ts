/**
 * What a method of the CSC API is: who may call it, the forms of its request and of its answers, and a function from the
 * one to the other that knows neither HTTP nor how an edition spells things.
 */
import { Readable } from 'node:stream'
import type { Edition, Form, Members, ObjectForm, ObjectOf, Specs } from '@natsuin/protocol/csc'
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { DocumentSigner } from '../documents/sign-documents.ts'
import type { SigningTimes } from '../documents/signing-times.ts'
import type { Spool } from '../documents/spool.ts'
import type { TimeStamps } from '../documents/time-stamps.ts'
import { type AccessOf, type ActAccessOf, idempotencyKeyOf } from '../http/authorization.ts'
import type { AccessTokens } from '../oauth/access-tokens.ts'
import type { ClientRegistry } from '../oauth/client-registry.ts'
import type { LevelFloor } from '../oauth/level-floor.ts'
import type { LogInTokens } from '../oauth/log-in-tokens.ts'
import type { TokenRevocation } from '../oauth/token-revocation.ts'
import type { Activations } from '../signing/activations.ts'
import type { Credentials } from '../signing/credentials.ts'
import type { ExplicitApprovals } from '../signing/explicit.ts'
import type { ModuleAlgorithms } from '../signing/module-algorithms.ts'
import type { OutOfBandApprovals } from '../signing/out-of-band.ts'
import type { Responses } from '../signing/responses.ts'
import type { RevocationParts } from '../signing/revocation.ts'
import type { SealedApprovals } from '../signing/seals.ts'
import type { SentCodes } from '../signing/sent-codes.ts'
import type { Admission, Caller, Readers, Scheme } from './admission.ts'
import { specsFor } from './client-specs.ts'
import { type RequestError, RequestRefused } from './errors.ts'
import { type KnownMember, readRequest } from './request.ts'
import { type Upload, uploadOf } from './upload.ts'

/** What `info` says about the operator; from the configuration. */
export interface ServiceDescription {
  readonly publicUrl: string
  readonly name: string
  /** For clients that are not known. */
  readonly specs: Specs
  readonly region: string
  /** How long the documents of one request may be together. */
  readonly maxDocumentBytes: number
  readonly description: string
  /** RFC 5646 tag of the texts above. */
  readonly lang: string
}

export interface Services {
  readonly description: ServiceDescription
  /** `info.methods`. */
  readonly methods: (specs: Specs) => readonly string[]
  readonly clients: ClientRegistry
  readonly credentials: Credentials
  readonly revocation: RevocationParts
  readonly activations: Activations
  readonly explicit: ExplicitApprovals
  readonly levelFloor: LevelFloor
  readonly sentCodes: Pick<SentCodes, 'send'>
  readonly outOfBand: OutOfBandApprovals
  readonly sealedApprovals: SealedApprovals
  /** Undefined where nobody logs in with a password. */
  readonly logInTokens: LogInTokens | undefined
  readonly tokenRevocation: TokenRevocation
  readonly algorithms: ModuleAlgorithms
  readonly timeStamps: TimeStamps
  readonly responses: Responses
  readonly documentSigner: DocumentSigner
  readonly signingTimes: SigningTimes
  readonly spool: Spool
  /** Who calls, by what the request carries. @throws RequestRefused, Refusal */
  readonly accessOf: AccessOf
  readonly actAccessOf: ActAccessOf
  readonly accessTokens: AccessTokens
  readonly clock: Clock
}

/** One call: who calls, what was asked, and what HTTP carried beside the body. */
export interface Call<M extends Members, A> {
  readonly request: ObjectOf<M>
  readonly access: A
  /** How the answer is worded: the request reads the same in both. */
  readonly edition: Edition
  /** What of the API this client knows. */
  readonly specs: Specs
  /** Empty when the client sent none. */
  readonly idempotencyKey: string
  /** What came with it, where the method takes documents. */
  readonly upload: () => Upload
}

/** The forms of the answers by their status. */
export interface Answers<B = unknown> {
  readonly 200?: Form<B>
  readonly 201?: Form<unknown>
  readonly 202?: Form<unknown>
  readonly 204?: Form<unknown>
}

/** An answer that is not 200, or has headers of its own. */
export class Reply {
  readonly status: keyof Answers
  readonly body: object
  readonly headers: Readonly<Record<string, string>>

  constructor(status: keyof Answers, body: object = {}, headers: Readonly<Record<string, string>> = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

interface Description<B> {
  /** One sentence, for OpenAPI. */
  readonly summary: string
  readonly answers: Answers<B>
  /** The first specs that have it, where its edition does not say it all. */
  readonly since?: Specs
  /** Whether this deployment has it. Without: always. */
  readonly offered?: (services: Services) => boolean
  /** Its body is read as it comes in, and may be as long as documents are. */
  readonly takesDocuments?: true
  /** What is said of an `Authorization` that is not `Bearer`. Default: `authorization-malformed`. */
  readonly malformedAuthorization?: RequestError
}

interface Definition<M extends Members, B extends object, A extends Caller> extends Description<B> {
  readonly access: Admission<A>
  readonly request: ObjectForm<M>
  /** A plain object is the body of a 200. */
  handle(call: Call<M, A>, services: Services): Promise<NoInfer<B> | Reply>
}

/** What HTTP carried. */
export interface Incoming {
  readonly http: FastifyRequest
  readonly edition: Edition
  /** Whose base path it came by. */
  readonly clientId: string | undefined
}

export interface CscMethod extends Description<unknown> {
  readonly scheme: Scheme
  readonly request: Pick<ObjectForm, 'schema' | 'fits'>
  answer(incoming: Incoming, services: Services): Promise<Reply>
}

/** Whether this deployment has it. */
export const isOffered = ({ offered }: CscMethod, services: Services): boolean => offered?.(services) ?? true

export function cscMethod<M extends Members, B extends object, A extends Caller>(
  definition: Definition<M, B, A> & OnlyKnown<keyof M>,
): CscMethod {
  return {
    ...definition,
    scheme: definition.access.scheme,
    async answer({ http, edition, clientId }, services) {
      const access = await admit(definition, http, services)
      const specs = specsFor({ edition, basePath: clientId, token: access?.clientId }, services)
      const request = readRequest(definition.request, edition, http.body)
      const idempotencyKey = idempotencyKeyOf(http)
      const upload = () => uploadOf(http)
      const call = { request, access, edition, specs, idempotencyKey, upload }
      const answer = await definition.handle(call, services)
      return written(definition.answers, answer instanceof Reply ? answer : new Reply(200, answer), specs)
    },
  }
}

/** A member of which nothing can be said does not compile. */
type OnlyKnown<K> =
  Exclude<K, KnownMember> extends never ? unknown : { readonly withoutWords: Exclude<K, KnownMember> }

async function admit<A extends Caller>(
  {
    access,
    malformedAuthorization,
  }: Pick<Definition<Members, object, A>, 'access' | 'malformedAuthorization'>,
  http: FastifyRequest,
  readers: Readers,
): Promise<A> {
  try {
    return await access.admit(http, readers)
  } catch (error) {
    const isMalformed = error instanceof RequestRefused && error.code === 'authorization-malformed'
    throw isMalformed && malformedAuthorization !== undefined
      ? new RequestRefused(malformedAuthorization)
      : error
  }
}

function written(answers: Answers, { status, body, headers }: Reply, specs: Specs): Reply {
  const form: Form<unknown> | undefined = answers[status]
  // Written as it is read, by a handler that keeps to the form.
  if (body instanceof Readable) return new Reply(status, body, headers)
  if (form === undefined) throw new TypeError(`an answer ${status} that is not declared`)
  return new Reply(status, Object(form.written(body, specs)), headers)
}
