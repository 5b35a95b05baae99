/**
 * The endpoints of the authorization server, for who has no OAuth library at hand: CSC API v2.0.0.2, 8.4. What they
 * exactly do is in the RFCs; an OAuth library needs the metadata alone (RFC 8414).
 */
import type { Edition, JsonSchema } from '@natsuin/protocol/csc'
import { SCOPES } from '../oauth/scopes.ts'
import { errorReferences } from './error-answers.ts'
import { type Operation, type Parameter, type Paths, type ResponseObject, schemaNamed } from './openapi.ts'

const text: JsonSchema = { type: 'string' }

interface Field {
  readonly description: string
  readonly schema?: JsonSchema
  readonly required?: true
  /** Absent: in both. */
  readonly only?: Edition
}

type Fields = Readonly<Record<string, Field>>

const CLIENT: Fields = {
  client_id: { description: 'Which application; needed where it is in no `Authorization` header.' },
  client_secret: { description: 'Its secret, where it shows it in the body.' },
  client_assertion: {
    description: 'A JWT that it signed, where it is registered with keys (RFC 7523, 2.2).',
  },
  client_assertion_type: { description: '`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`' },
}

/** A request names one of them. */
const SCOPE: Readonly<Record<Edition, Field>> = {
  v1: {
    description: '`service`, the default, or `credential`.',
    schema: { enum: ['service', 'credential'] },
  },
  v2: {
    description: '`service`, the default, `credential`, `credential-creation` or `credential-deletion`.',
    schema: { enum: SCOPES },
  },
}

const requestFields = (edition: Edition): Fields => ({
  response_type: { description: '`code`', schema: { enum: ['code'] }, required: true },
  client_id: { description: 'Which application.', required: true },
  redirect_uri: { description: 'One of those that it registered.' },
  scope: SCOPE[edition],
  state: { description: 'Comes back unchanged.' },
  code_challenge: { description: 'RFC 7636, 4.2.' },
  code_challenge_method: { description: '`S256`', schema: { enum: ['S256'] } },
  authorization_details: {
    description: 'What is to be signed, as JSON (RFC 9396): instead of the five parameters that follow.',
    only: 'v2',
  },
  credentialID: { description: 'With scope `credential`: which credential.' },
  numSignatures: {
    description: 'With scope `credential`: how many signatures.',
    schema: { type: 'integer' },
  },
  hashes: { description: 'Base64url of the digests, with commas between.', only: 'v2' },
  hash: { description: 'Base64url of the digests, with commas between.', only: 'v1' },
  hashAlgorithmOID: { description: 'The algorithm of the digests.', only: 'v2' },
  hashType: {
    description: 'What the digests are of; default: what the registration says.',
    schema: { enum: ['dtbsr', 'sdr', 'sodr'] },
    only: 'v2',
  },
  description: { description: 'What the signer is told that it is about.' },
  account_token: { description: 'Which account the application means; a JWT.' },
  lang: { description: 'RFC 5646.' },
  clientData: { description: 'Of the application; kept with the request.' },
})

const TOKEN: Fields = {
  grant_type: {
    description: 'What is redeemed.',
    schema: { enum: ['authorization_code', 'client_credentials', 'refresh_token'] },
    required: true,
  },
  code: { description: 'With `authorization_code`.' },
  redirect_uri: { description: 'As in the authorization request.' },
  code_verifier: { description: 'RFC 7636, 4.1.' },
  refresh_token: { description: 'With `refresh_token`.' },
  scope: { description: 'With `client_credentials`.' },
  ...CLIENT,
}

const REVOCATION: Fields = {
  token: { description: 'What is to be revoked.', required: true },
  token_type_hint: { description: 'What it is.', schema: { enum: ['access_token', 'refresh_token'] } },
  ...CLIENT,
}

/** What a client shows at these; a client without a secret nothing. */
const CLIENT_SECURITY: Operation['security'] = [{ clientSecret: [] }, { clientCertificate: [] }, {}]

const AT_ENDPOINTS = [400, 401, 413, 429, 500, 503] as const

export function oauthPaths(edition: Edition): Paths {
  return {
    '/oauth2/authorize': { get: authorize(edition) },
    ...(edition === 'v2' && { '/oauth2/pushed_authorize': { post: push(edition) } }),
    '/oauth2/token': { post: token(edition) },
    '/oauth2/revoke': { post: revoke(edition) },
  }
}

export function oauthSchemas(edition: Edition): Readonly<Record<string, JsonSchema>> {
  return { Token: TOKEN_ANSWER, ...(edition === 'v2' && { PushedRequest: PUSHED_REQUEST }) }
}

const TOKEN_ANSWER: JsonSchema = {
  type: 'object',
  required: ['access_token', 'token_type'],
  properties: {
    access_token: text,
    token_type: { enum: ['Bearer', 'DPoP', 'SAD'] },
    expires_in: { type: 'integer', minimum: 0 },
    refresh_token: text,
    scope: text,
    credentialID: text,
    authorization_details: { type: 'array', items: { type: 'object' } },
  },
}

const PUSHED_REQUEST: JsonSchema = {
  type: 'object',
  required: ['request_uri', 'expires_in'],
  properties: { request_uri: text, expires_in: { type: 'integer', minimum: 1 } },
}

function authorize(edition: Edition): Operation {
  const fields = { ...requestFields(edition), ...(edition === 'v2' && { request_uri: REQUEST_URI }) }
  return {
    ...named('Authorize', 'Where an application sends the signer’s browser, to log in or to approve.'),
    security: [],
    parameters: parametersOf(fieldsIn(fields, edition)),
    responses: {
      303: {
        description:
          'To the pages where the signer answers, or back to the application with a code or an error.',
        headers: { Location: { description: 'Where to.', schema: { type: 'string', format: 'uri' } } },
      },
      ...errorReferences([400, 403, 429, 500, 503]),
    },
  }
}

const REQUEST_URI: Field = {
  description: 'Of a request that was pushed: instead of everything but `client_id`.',
}

function push(edition: Edition): Operation {
  const fields = { ...requestFields(edition), ...CLIENT, request: REQUEST_OBJECT }
  return {
    ...named('PushedAuthorize', 'Takes an authorization request before the browser is sent (RFC 9126).'),
    security: CLIENT_SECURITY,
    requestBody: form(fieldsIn(fields, edition), []),
    responses: { 201: answer('Kept for a minute.', 'PushedRequest'), ...errorReferences(AT_ENDPOINTS) },
  }
}

const REQUEST_OBJECT: Field = {
  description: 'The request as a signed JWT (RFC 9101), instead of the parameters.',
}

function token(edition: Edition): Operation {
  return {
    ...named('Token', 'Gives a token for a code, for a refresh token, or to the application itself.'),
    security: CLIENT_SECURITY,
    requestBody: form(fieldsIn(TOKEN, edition)),
    responses: { 200: answer('A token.', 'Token'), ...errorReferences(AT_ENDPOINTS) },
  }
}

function revoke(edition: Edition): Operation {
  return {
    ...named('Revoke', 'Ends a token.'),
    security: CLIENT_SECURITY,
    requestBody: form(fieldsIn(REVOCATION, edition)),
    responses: { 204: { description: 'It is ended.' }, ...errorReferences(AT_ENDPOINTS) },
  }
}

const named = (name: string, summary: string) => ({
  operationId: `oauth2${name}`,
  tags: ['oauth2'],
  summary,
})

function fieldsIn(fields: Fields, edition: Edition): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, { only }]) => only === undefined || only === edition),
  )
}

const schemaOf = ({ description, schema = text }: Field): JsonSchema => ({ ...schema, description })

function parametersOf(fields: Fields): readonly Parameter[] {
  return Object.entries(fields).map(([name, { description, schema = text, required = false }]) => ({
    name,
    in: 'query',
    required,
    description,
    schema,
  }))
}

/** @param required  default: those that say so */
function form(fields: Fields, required = Object.keys(fields).filter(name => fields[name]?.required)) {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, schemaOf(field)]),
  )
  const schema = { type: 'object', properties, ...(required.length > 0 && { required }) }
  return { required: true, content: { 'application/x-www-form-urlencoded': { schema } } } as const
}

function answer(description: string, schema: string): ResponseObject {
  return { description, content: { 'application/json': { schema: schemaNamed(schema) } } }
}
