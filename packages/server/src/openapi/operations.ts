/** Operations: one for each method that an edition of the CSC API has, from the table that is also the router. */
import type { Edition, JsonSchema } from '@natsuin/protocol/csc'
import type { Scheme } from '../csc/admission.ts'
import type { Answers, CscMethod } from '../csc/method.ts'
import { CSC_METHODS, type CscMethodName } from '../csc/methods.ts'
import { errorAnswersOf } from './error-answers.ts'
import { type Example, exampleOf } from './examples.ts'
import type { Content, Operation, Parameter, Paths, ResponseObject } from './openapi.ts'
import { schemaNamed } from './openapi.ts'

export interface Described {
  readonly name: CscMethodName
  readonly method: CscMethod
}

/** @param methods  of the edition */
export function cscPaths(edition: Edition, methods: readonly Described[]): Paths {
  return Object.fromEntries(
    methods.map(one => [`/csc/${edition}/${one.name}`, { post: operationOf(one, edition) }]),
  )
}

/** What requests and answers look like, by the names that operations use. */
export function cscSchemas(
  edition: Edition,
  methods: readonly Described[],
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(methods.flatMap(one => schemasOf(one, edition)))
}

export function methodsIn(edition: Edition): readonly Described[] {
  // Object.entries forgets the names of a Record that is exhaustive by construction.
  const rows = Object.entries(CSC_METHODS) as [CscMethodName, (typeof CSC_METHODS)[CscMethodName]][]
  return rows.flatMap(([name, { [edition]: method }]) => (method === undefined ? [] : [{ name, method }]))
}

/** `credentials/list` → CredentialsList. */
const typeName = (name: string) => name.replaceAll(/(?:^|\/)(.)/g, (_, first: string) => first.toUpperCase())
const requestName = (name: string) => `${typeName(name)}Request`
const answerName = (name: string, status: string) =>
  `${typeName(name)}${status === '202' ? 'Pending' : 'Response'}`

function schemasOf({ name, method }: Described, edition: Edition): readonly [string, JsonSchema][] {
  return [
    [requestName(name), method.request.schema(edition)],
    ...answersWithBody(method.answers).map(([status, form]): [string, JsonSchema] => [
      answerName(name, status),
      form.schema(edition),
    ]),
  ]
}

const answersWithBody = (answers: Answers) => Object.entries(answers).filter(([status]) => status !== '204')

function operationOf({ name, method }: Described, edition: Edition): Operation {
  const { summary, scheme, answers, since } = method
  const id = typeName(name)
  return {
    operationId: id[0]?.toLowerCase() + id.slice(1),
    tags: [name.split('/')[0] ?? name],
    summary,
    ...(since !== undefined && { description: `For clients of specs ${since} and later.` }),
    security: SECURITY[scheme],
    ...(IDEMPOTENT.includes(name) && { parameters: [IDEMPOTENCY_KEY] }),
    requestBody: { required: true, content: json(requestName(name), exampleOf(name, edition)) },
    responses: { ...answersOf(name, answers), ...errorAnswersOf(name, scheme) },
  }
}

const SECURITY: Readonly<Record<Scheme, Operation['security']>> = {
  none: [],
  // Or a refresh token in the body.
  password: [{ password: [] }, {}],
  service: [{ oauth2: ['service'] }, { bearer: [] }, { dpop: [] }],
  credential: [{ oauth2: ['service'] }, { oauth2: ['credential'] }, { bearer: [] }, { dpop: [] }],
  'credential-creation': [{ oauth2: ['credential-creation'] }, { bearer: [] }, { dpop: [] }],
  'credential-deletion': [{ oauth2: ['credential-deletion'] }, { bearer: [] }, { dpop: [] }],
}

/** Where it matters whether something is done once or twice. */
const IDEMPOTENT: readonly CscMethodName[] = ['signatures/signHash', 'signatures/signDoc']

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A name of your own for this request: with it a request that is answered at once can be sent again, and is done once.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
}

function answersOf(name: CscMethodName, answers: Answers): Readonly<Record<string, ResponseObject>> {
  return Object.fromEntries(
    Object.keys(answers).map(status => [
      status,
      { description: MEANING[status] ?? '', ...bodyOf(name, status) },
    ]),
  )
}

const MEANING: Readonly<Record<string, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Not decided yet: to be asked again.',
  204: 'Done; there is nothing to say.',
}

const bodyOf = (name: CscMethodName, status: string) =>
  status === '204' ? {} : { content: json(answerName(name, status)) }

function json(schema: string, example?: Example): Content {
  const examples = example === undefined ? {} : { examples: { example: { value: example } } }
  return { 'application/json': { schema: schemaNamed(schema), ...examples } }
}
