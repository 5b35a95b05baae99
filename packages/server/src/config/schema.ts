/**
 * The configuration of `server`: each value with its type, unit, default and meaning. The reference page is
 * printed from this. Paths are relative to the file; secrets are paths, never values.
 */
import Type, { type Static } from 'typebox'

const path = (description: string) => Type.String({ minLength: 1, description })
const port = Type.Integer({ minimum: 0, maximum: 65535, description: 'TCP port; 0 takes a free one.' })
const origin = (description: string) => Type.String({ pattern: '^https?://[^/?#]+$', description })
const strict = { additionalProperties: false }

const peer = (description: string) =>
  Type.Union(
    [
      Type.Object({ socket: path('Unix socket of the process on this machine.') }, strict),
      Type.Object(
        {
          host: Type.String({ minLength: 1, description: 'Host name, as in its certificate.' }),
          port,
          tls: Type.Object(
            {
              certificateFile: path('Our certificate, PEM.'),
              keyFile: path('Its key, PEM.'),
              authorityFile: path('The authority that certified the peer, PEM.'),
            },
            strict,
          ),
        },
        strict,
      ),
    ],
    { description },
  )

const client = Type.Object(
  {
    client_id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'As in the roster of the SAM.' }),
    name: Type.String({ minLength: 1, maxLength: 255, description: 'Shown at log-in.' }),
    redirect_uris: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'Compared exactly; there are no patterns.',
    }),
    public: Type.Optional(Type.Literal(true, { description: 'A client that can keep no secret.' })),
    secretFile: Type.Optional(path('The secret of a client that can. Exactly one of this and `public`.')),
  },
  strict,
)

export const configurationSchema = Type.Object(
  {
    publicUrl: origin('Scheme, host and port under which browsers and clients reach us: the OAuth issuer.'),
    listen: Type.Object({ host: Type.String({ minLength: 1 }), port }, strict),
    store: Type.Union(
      [
        Type.Object({ sqlite: path('Database file of the embedded database.') }, strict),
        Type.Object(
          { postgres: Type.Object({ urlFile: path('File with the connection URL.') }, strict) },
          strict,
        ),
      ],
      { description: 'Where accounts, sessions and requests are kept.' },
    ),
    sam: peer('Where the SAM answers.'),
    authorities: peer('Where the authorities answer.'),
    approvalOrigin: origin('Scheme, host and port of the approval page.'),
    secretsDirectory: path('Made by `init`: cookie keys, sealing key, signing key of the OAuth metadata.'),
    webRoot: Type.Optional(path('The built pages. Without them the API works and the pages answer 404.')),
    name: Type.String({ minLength: 1, maxLength: 255, description: 'CSC `info`: commercial name.' }),
    region: Type.String({ pattern: '^[A-Z]{2}$', description: 'CSC `info`: ISO 3166-1 alpha-2.' }),
    description: Type.String({ maxLength: 255, description: 'CSC `info`: free text.' }),
    lang: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$',
        description: 'Of the texts above. Default `en`.',
      }),
    ),
    clients: Type.Array(client, { description: 'The applications that may ask for log-ins and signatures.' }),
    logLevel: Type.Optional(
      Type.Union(
        ['debug', 'info', 'warn', 'error'].map(level => Type.Literal(level)),
        { description: 'Default `info`.' },
      ),
    ),
  },
  strict,
)

export type ConfigurationFile = Static<typeof configurationSchema>
