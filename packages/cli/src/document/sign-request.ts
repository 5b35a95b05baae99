/** What `natsuin sign` is asked for on the command line, whatever the format. */
import { keyTypes, type SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { type PublicKey, parseCertificate } from '@natsuin/pki/x509'
import { UsageError } from '../command.ts'
import { APPEARANCE_OPTIONS, appearanceOf } from './appearance.ts'
import {
  AUTHORITY_OPTIONS,
  authoritiesOf,
  certificatesIn,
  checkAuthorities,
  levelOf,
  type parseDocumentArguments,
} from './arguments.ts'
import { formatOf } from './formats.ts'

export const SIGN_OPTIONS = {
  ...AUTHORITY_OPTIONS,
  format: { type: 'string', default: 'pades' },
  detached: { type: 'boolean', default: false },
  certificate: { type: 'string' },
  'sign-with': { type: 'string' },
  algorithm: { type: 'string' },
  level: { type: 'string', default: 'B-B' },
  field: { type: 'string' },
  reason: { type: 'string' },
  location: { type: 'string' },
  contact: { type: 'string' },
  ...APPEARANCE_OPTIONS,
} as const

type Values = ReturnType<typeof parseDocumentArguments<typeof SIGN_OPTIONS>>['values']

export type SignRequest = Awaited<ReturnType<typeof signRequestOf>>

/** @throws UsageError */
export async function signRequestOf(values: Values, path: string) {
  const { certificate, 'sign-with': program, field, reason, location, contact, detached } = values
  if (certificate === undefined) throw new UsageError('--certificate is needed.')
  if (program === undefined) throw new UsageError('--sign-with is needed.')
  const format = formatOf(values.format)
  const level = levelOf(values.level, 'B-B')
  checkAuthorities(level, values)
  return {
    format,
    level,
    path,
    program,
    detached,
    output: values.output,
    signer: await signerOf(certificate, values.algorithm),
    description: { fieldName: field, reason, location, contactInfo: contact },
    appearance: await appearanceOf(values),
    authorities: await authoritiesOf(values),
  }
}

async function signerOf(path: string, algorithm: string | undefined) {
  const [signingCertificate, ...chain] = await certificatesIn(path)
  if (signingCertificate === undefined) throw new UsageError(`${path}: there is no certificate in PEM.`)
  const { publicKey } = parseCertificate(signingCertificate)
  return { signingCertificate, chain, signatureAlgorithm: algorithmOf(publicKey, algorithm) }
}

function algorithmOf(key: PublicKey, wanted: string | undefined): SignatureAlgorithm {
  const type = Object.values(keyTypes).find(
    ({ family, curve }) => family === key.kind && (key.kind !== 'ec' || curve === key.curve),
  )
  if (type === undefined) throw new UsageError('--certificate: a kind of key that nobody signs with.')
  const algorithm = wanted === undefined ? type.signs[0] : type.signs.find(name => name === wanted)
  if (algorithm === undefined) throw new UsageError(`--algorithm is one of ${type.signs.join(', ')}.`)
  return algorithm
}
