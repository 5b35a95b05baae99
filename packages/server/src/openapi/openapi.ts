/** The part of OpenAPI 3.1 that our documents use, as types: OpenAPI Specification v3.1.1, 4.8. */
import type { JsonSchema } from '@natsuin/protocol/csc'

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Paths
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, ResponseObject>>
    readonly securitySchemes: Readonly<Record<string, object>>
  }
}

export type Paths = Readonly<Record<string, PathItem>>
export type PathItem = Readonly<Partial<Record<'get' | 'post', Operation>>>

export interface Operation {
  /** In the words of code generators: unique in the document, a name in every language. */
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  /** Empty: nobody has to show anything. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  readonly responses: Readonly<Record<string, ResponseObject | Reference>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'header' | 'query'
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchema
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>
  readonly content?: Content
}

export type Content = Readonly<Record<string, MediaType>>

export interface MediaType {
  readonly schema: JsonSchema | Reference
  readonly examples?: Readonly<Record<string, { readonly value: object }>>
}

export interface Reference {
  readonly $ref: string
}

export const schemaNamed = (name: string): Reference => ({ $ref: `#/components/schemas/${name}` })
export const responseNamed = (name: string): Reference => ({ $ref: `#/components/responses/${name}` })
