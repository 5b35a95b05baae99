/** What the page reads of an OpenAPI document of this server, which wrote it by the table of its methods. */

export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Answer>>
  }
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Answer | Reference>>
}

interface Parameter {
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly schema: Schema
}

export interface Answer {
  readonly description: string
  readonly content?: Content
}

type Content = Readonly<Record<string, Media>>

interface Media {
  readonly schema: Schema | Reference
  readonly examples?: Readonly<Record<string, { readonly value: object }>>
}

interface Reference {
  readonly $ref: string
}

export interface Schema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
}

/** A line of a table: a member by its path, as CSC writes it (`key/status`). */
export interface Member {
  readonly path: string
  readonly form: string
  readonly required: boolean
  readonly description: string
}

export interface Listed {
  readonly path: string
  readonly verb: string
  readonly operation: Operation
}

/** In the order of the document. */
export function operationsOf({ paths }: ApiDocument, tag: string): readonly Listed[] {
  return Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([verb, operation]) => ({ path, verb: verb.toUpperCase(), operation })),
  )
}

/** What a request is made of: parameters, or the members of its body. */
export function requestMembers(document: ApiDocument, { parameters = [], requestBody }: Operation) {
  const [media] = Object.values(requestBody?.content ?? {})
  const asked = parameters.map(({ name, required, description, schema }) => ({
    ...{ path: name, form: formOf(schema), required, description },
  }))
  return [...asked, ...(media === undefined ? [] : membersOf(resolved(document, media.schema)))]
}

export function answersOf(document: ApiDocument, { responses }: Operation) {
  return Object.entries(responses).map(([status, given]) => {
    const { description, content = {} } = '$ref' in given ? responseAt(document, given) : given
    const [media] = Object.values(content)
    return {
      status,
      description,
      members: media === undefined ? [] : membersOf(resolved(document, media.schema)),
    }
  })
}

export function exampleOf({ requestBody }: Operation): object | undefined {
  const [media] = Object.values(requestBody?.content ?? {})
  return Object.values(media?.examples ?? {})[0]?.value
}

const nameIn = ({ $ref }: Reference) => $ref.slice($ref.lastIndexOf('/') + 1)

function responseAt({ components }: ApiDocument, reference: Reference): Answer {
  return components.responses[nameIn(reference)] ?? { description: '' }
}

function resolved({ components }: ApiDocument, schema: Schema | Reference): Schema {
  return '$ref' in schema ? (components.schemas[nameIn(schema)] ?? {}) : schema
}

function membersOf({ properties = {}, required = [] }: Schema, before = ''): readonly Member[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${before}${name}`
    const { description = '' } = schema
    const own = { path, form: formOf(schema), required: required.includes(name), description }
    return [own, ...membersOf(schema, `${path}/`), ...membersOf(schema.items ?? {}, `${path}[]/`)]
  })
}

/** In the words of JSON Schema, since those are in every language. */
function formOf({ type, enum: words, items, anyOf }: Schema): string {
  if (words !== undefined) return words.join(' | ')
  if (anyOf !== undefined) return anyOf.map(formOf).join(' | ')
  return type === 'array' ? `${formOf(items ?? {})}[]` : (type ?? '')
}
