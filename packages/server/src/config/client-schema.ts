/**
 * What an application is registered with: an entry of `clients`, or a file of `clientsDirectory`.
 *
 * Members that CSC and OAuth clients share are spelled as RFC 7591, 2 spells them.
 */
import { identifier, visibleText } from '@natsuin/protocol/approval'
import { path } from '@natsuin/protocol/node'
import {
  flag,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  type Shaped,
  text,
  variant,
} from '@natsuin/protocol/shape'

const kid = text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/ })
const encoded = text({ max: 1024, pattern: /^[A-Za-z0-9_-]+$/ })

/** RFC 7517 and RFC 7518, 6: the public members alone, of the kinds that request objects are signed with. */
const publicKey = variant('kty', {
  EC: record({ kty: oneOf('EC'), crv: oneOf('P-256'), x: encoded, y: encoded, kid }),
  RSA: record({ kty: oneOf('RSA'), n: encoded, e: encoded, kid }),
  OKP: record({ kty: oneOf('OKP'), crv: oneOf('Ed25519'), x: encoded, kid }),
})

/** A certificate by the subject that a trusted authority gave it, or this one certificate (RFC 8705, 2.1 and 2.2). */
const tls: Shape<{ readonly subjectDn: string } | { readonly certificateFile: string }> = (value, at) =>
  Object.hasOwn(Object(value), 'certificateFile')
    ? record({ certificateFile: path })(value, at)
    : record({ subjectDn: text({ max: 1024 }) })(value, at)

/** What `info` of CSC v2 may say: clients of v1 have one edition. */
export const clientSpecs = oneOf('2.0.0.0', '2.1.0.1', '2.2.0.0')

export const clientSetting = record({
  /** Also the name of its file. */
  client_id: identifier,
  name: visibleText(255),
  redirect_uris: list(text({ max: 2000 }), { max: 100 }),
  jwks: optional(record({ keys: list(publicKey, { min: 1, max: 4 }) })),
  public: optional(flag),
  secretFile: optional(path),
  previousSecretFile: optional(path),
  tls: optional(tls),
  profile: optional(oneOf('standard', 'csc-v1', 'fapi2')),
  specs: optional(clientSpecs),
  hashType: optional(oneOf('dtbsr', 'sdr', 'sodr')),
  authorization: optional(oneOf('redirect', 'out-of-band')),
  boundTokens: optional(oneOf('allowed', 'required')),
  actsFor: optional(list(identifier, { max: 100 })),
  accounts: optional(list(visibleText(255), { max: 10_000 })),
})

export type ClientFile = Shaped<typeof clientSetting>
