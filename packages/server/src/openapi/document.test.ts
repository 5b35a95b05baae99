import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { editions } from '@natsuin/protocol/csc'
import { CSC_METHODS } from '../csc/methods.ts'
import { openApiDocument } from './document.ts'
import type { OpenApiDocument } from './openapi.ts'

const SERVICE = { publicUrl: 'https://sign.example.org', name: 'Natsuin' }

function operationsOf({ paths }: OpenApiDocument) {
  return Object.values(paths).flatMap(item => Object.values(item))
}

/** Every `$ref` at any depth. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' ? [String(member)] : referencesIn(member),
  )
}

function target(document: OpenApiDocument, reference: string): unknown {
  const [, ...path] = reference.split('/')
  return path.reduce<unknown>((at, name) => Object(at)[name], document)
}

for (const edition of editions) {
  describe(`the OpenAPI document of ${edition}`, () => {
    const document = openApiDocument(edition, SERVICE)

    it('has an operation for each method of the table and no other', () => {
      const wanted = Object.entries(CSC_METHODS).filter(([, row]) => row[edition] !== undefined)
      const found = Object.keys(document.paths).filter(path => path.startsWith('/csc/'))
      assert.deepEqual(
        found,
        wanted.map(([name]) => `/csc/${edition}/${name}`),
      )
    })

    it('has no method that the service does not offer, and nothing of it', () => {
      const without = openApiDocument(edition, SERVICE, method => method !== CSC_METHODS.info[edition])
      assert.equal(`/csc/${edition}/info` in without.paths, false)
      assert.equal('InfoRequest' in without.components.schemas, false)
    })

    it('takes the scopes that it describes', () => {
      const scopes = target(document, '#/components/securitySchemes/oauth2/flows/authorizationCode/scopes')
      const { parameters = [] } = document.paths['/oauth2/authorize']?.['get'] ?? {}
      const schema = parameters.find(({ name }) => name === 'scope')?.schema
      assert.deepEqual(schema, { enum: Object.keys(Object(scopes)) })
    })

    it('promises to do once what keeps its answers', () => {
      const found = operationsOf(document).filter(({ parameters = [] }) =>
        parameters.some(({ name }) => name === 'Idempotency-Key'),
      )
      const wanted = { v1: ['signaturesSignHash'], v2: ['signaturesSignHash', 'signaturesSignDoc'] }
      assert.deepEqual(
        found.map(({ operationId }) => operationId),
        wanted[edition],
      )
    })

    it('names each operation once', () => {
      const ids = operationsOf(document).map(({ operationId }) => operationId)
      assert.equal(new Set(ids).size, ids.length)
    })

    it('refers only to what it has, and to all of it', () => {
      const references = referencesIn(document)
      for (const reference of references) assert.notEqual(target(document, reference), undefined, reference)
      const { schemas, responses } = document.components
      const named = [
        ...Object.keys(schemas).map(name => `#/components/schemas/${name}`),
        ...Object.keys(responses).map(name => `#/components/responses/${name}`),
      ]
      for (const name of named) assert.ok(references.includes(name), name)
    })

    it('says of each method what fails, who may call it and what a request looks like', () => {
      for (const [path, { post }] of Object.entries(document.paths)) {
        if (!path.startsWith('/csc/') || post === undefined) continue
        const { operationId, responses, security, requestBody } = post
        for (const status of ['400', '429', '500', '503']) assert.ok(status in responses, operationId)
        assert.equal('401' in responses, security.length > 0, operationId)
        const { examples, schema } = requestBody?.content['application/json'] ?? {}
        assert.ok(Object.keys(examples ?? {}).length > 0, `no example: ${operationId}`)
        assert.ok('$ref' in (schema ?? {}), operationId)
      }
    })
  })
}
