/**
 * What a registration officer writes down, and the grant that it makes (sole-control 6).
 *
 * Only what the form of a grant demands is looked at here; what the class demands of the proofing, the SAM does.
 */
import { type EnrolmentGrant, enrolmentGrant, toWire } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { ShapeError } from '@natsuin/protocol/shape'

/** As it is typed. */
export interface GrantForm {
  readonly commonName: string
  readonly givenName: string
  readonly surname: string
  readonly serialNumber: string
  readonly organizationName: string
  readonly countryName: string
  readonly classId: string
  readonly method: string
  readonly proofingLevel: string
  /** The day on which the person was proofed: `2031-05-09`. */
  readonly completedOn: string
  /** SHA-256 of the file with the evidence. */
  readonly evidenceDigest: Uint8Array | undefined
  /** Recovery: the signer that the person was before. */
  readonly replaces: string
  /** How long the invitation is good for. */
  readonly hours: string
}

export type FormField = keyof GrantForm

export interface Making {
  readonly classes: readonly CredentialClass[]
  /** DER SubjectPublicKeyInfo of the one-time key. */
  readonly enrolmentKey: Uint8Array
  readonly nonce: Uint8Array
  readonly now: Date
}

/** The grant, or the first field that cannot be in one. */
export function grantOf(form: GrantForm, making: Making): EnrolmentGrant | { readonly wrong: FormField } {
  const { completedOn, hours, method, proofingLevel, evidenceDigest, replaces } = form
  const credentialClass = making.classes.find(({ id }) => id === form.classId)
  const completedAt = dayIn(completedOn, making.now)
  if (credentialClass === undefined) return { wrong: 'classId' }
  if (completedAt === undefined) return { wrong: 'completedOn' }
  if (evidenceDigest === undefined) return { wrong: 'evidenceDigest' }
  const seconds = Math.floor(making.now.getTime() / 1000)
  const grant = {
    subject: withoutEmpty({
      commonName: form.commonName,
      givenName: form.givenName,
      surname: form.surname,
      serialNumber: form.serialNumber,
      organizationName: form.organizationName,
      countryName: form.countryName,
    }),
    credentialClass: credentialClass.id,
    keyType: credentialClass.keyType,
    proofing: { method: method.trim(), level: Number(proofingLevel), completedAt, evidenceDigest },
    ...withoutEmpty({ replaces }),
    enrolmentKey: making.enrolmentKey,
    nonce: making.nonce,
    notAfter: seconds + Math.round(Number(hours) * 3600),
  }
  try {
    return enrolmentGrant(toWire(grant))
  } catch (error) {
    if (error instanceof ShapeError) return { wrong: FIELDS[error.path] ?? 'commonName' }
    throw error
  }
}

/** Where in a grant each field ends up. */
const FIELDS: Readonly<Record<string, FormField>> = {
  'subject.givenName': 'givenName',
  'subject.surname': 'surname',
  'subject.serialNumber': 'serialNumber',
  'subject.organizationName': 'organizationName',
  'subject.countryName': 'countryName',
  'proofing.method': 'method',
  'proofing.level': 'proofingLevel',
  replaces: 'replaces',
  notAfter: 'hours',
}

function withoutEmpty(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const trimmed = Object.entries(fields).map(([name, text]) => [name, text.trim()] as const)
  return Object.fromEntries(trimmed.filter(([, text]) => text !== ''))
}

/** The day's beginning where the officer is; today, this moment. */
function dayIn(text: string, now: Date): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  const at = new Date(Number(year), Number(month) - 1, Number(day)).getTime()
  if (!Number.isFinite(at) || at > now.getTime()) return undefined
  const isToday = now.getTime() - at < 24 * 3600 * 1000
  return Math.floor((isToday ? now.getTime() : at) / 1000)
}
