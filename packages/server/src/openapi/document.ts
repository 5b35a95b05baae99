/**
 * The OpenAPI document of an edition: what the table of methods says, in the words of OpenAPI 3.1. A document for each
 * edition, because one name means one thing in a document and v1 and v2 spell theirs alike.
 */
import { cscErrorBody, type Edition } from '@natsuin/protocol/csc'
import { errorResponses } from './error-answers.ts'
import { oauthPaths, oauthSchemas } from './oauth-paths.ts'
import type { OpenApiDocument } from './openapi.ts'
import { cscPaths, cscSchemas, type Described, methodsIn } from './operations.ts'

export interface Service {
  readonly publicUrl: string
  readonly name: string
}

/** The newest text of each edition that is followed. */
const VERSIONS: Readonly<Record<Edition, string>> = { v1: '1.0.4.0', v2: '2.2.0.0' }

/** @param isOffered  which of the methods that there are this service has */
export function openApiDocument(
  edition: Edition,
  { publicUrl, name }: Service,
  isOffered: (method: Described['method']) => boolean = () => true,
): OpenApiDocument {
  const methods = methodsIn(edition).filter(({ method }) => isOffered(method))
  return {
    openapi: '3.1.1',
    info: { title: `${name}: CSC API ${edition}`, version: VERSIONS[edition], description: DESCRIPTION },
    servers: [{ url: publicUrl }],
    tags: TAGS,
    paths: { ...cscPaths(edition, methods), ...oauthPaths(edition) },
    components: {
      schemas: {
        ...cscSchemas(edition, methods),
        ...oauthSchemas(edition),
        Error: cscErrorBody.schema(edition),
      },
      responses: errorResponses(),
      securitySchemes: securitySchemes(edition, publicUrl),
    },
  }
}

const DESCRIPTION =
  'Remote signing by the API of the Cloud Signature Consortium. Members that a request does not have, and members that are null, are taken as absent; members that nobody knows are ignored.'

const TAGS = [
  { name: 'info', description: 'What the service is and can.' },
  { name: 'auth', description: 'Tokens without OAuth.' },
  { name: 'credentials', description: 'Keys and certificates, and the approval to use them.' },
  { name: 'signatures', description: 'Signatures and time-stamps.' },
  { name: 'oauth2', description: 'Tokens by OAuth 2.0.' },
]

const SERVICE = 'To call the API for the signer who logged in.'
const V1_SCOPES = {
  service: SERVICE,
  credential: 'To sign what was approved, once; the token is the SAD.',
}
const SCOPES: Readonly<Record<Edition, Readonly<Record<string, string>>>> = {
  v1: V1_SCOPES,
  v2: {
    ...V1_SCOPES,
    'credential-creation': 'To be given the credential that the signer has just enrolled for.',
    'credential-deletion': 'To end a credential of the signer.',
  },
}

function securitySchemes(edition: Edition, publicUrl: string) {
  const [authorizationUrl, tokenUrl] = [`${publicUrl}/oauth2/authorize`, `${publicUrl}/oauth2/token`]
  return {
    oauth2: {
      type: 'oauth2',
      flows: {
        authorizationCode: { authorizationUrl, tokenUrl, scopes: SCOPES[edition] },
        clientCredentials: { tokenUrl, scopes: { service: SERVICE } },
      },
    },
    bearer: { type: 'http', scheme: 'bearer', description: 'An access token (RFC 6750).' },
    dpop: { type: 'http', scheme: 'DPoP', description: 'An access token bound to a key (RFC 9449).' },
    clientSecret: { type: 'http', scheme: 'basic', description: 'The application’s id and secret.' },
    password: {
      type: 'http',
      scheme: 'basic',
      description: 'A signer’s id and an application password that he made.',
    },
    clientCertificate: { type: 'mutualTLS', description: 'The application’s certificate (RFC 8705).' },
  }
}
