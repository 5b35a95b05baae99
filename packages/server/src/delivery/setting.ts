/** The setting `codeDelivery`: who carries codes to signers' addresses. */
import { mailAddress } from '@natsuin/protocol/approval'
import {
  oneMember,
  path,
  problemsOfFile,
  problemsOfSecret,
  type ResolvePath,
  readText,
} from '@natsuin/protocol/node'
import { integer, list, oneOf, optional, record, type Shaped, text } from '@natsuin/protocol/shape'

const mail = record({
  host: text({ max: 253, pattern: /^[A-Za-z0-9.:-]+$/ }),
  port: integer({ min: 1, max: 65_535 }),
  /** From the first byte (RFC 8314, 3.3), by STARTTLS or not at all (RFC 3207, 4), or not at all. */
  security: oneOf('tls', 'starttls', 'clear'),
  from: mailAddress,
  user: optional(text({ max: 255 })),
  passwordFile: optional(path),
})

/** A program of the operator's, for messages of any other kind. */
const command = record({ file: path, arguments: optional(list(text({ max: 4096 }), { max: 50 })) })

export const deliverySetting = oneMember({
  by: record({ by: oneOf('nobody') }),
  mail: record({ mail }),
  command: record({ command }),
})

export type DeliverySetting = Shaped<typeof deliverySetting>
export type Command = Shaped<typeof command>
/** With the secret that the setting names. */
export type MailServer = Omit<Shaped<typeof mail>, 'passwordFile'> & { readonly password: string | undefined }

export const NO_DELIVERY: DeliverySetting = { by: 'nobody' }

export const DELIVERY_EXAMPLE: DeliverySetting = {
  mail: {
    host: 'smtp.example.org',
    port: 465,
    security: 'tls',
    from: 'signing@example.org',
    user: 'signing',
    passwordFile: 'smtp-password',
  },
}

export const DELIVERY_DOCUMENTATION =
  'Who carries codes to signers whose class has `pin-sent-code`. `mail`: an SMTP server, with `security` `tls`, `starttls` or, on this machine alone, `clear`. `command`: the program `file` with `arguments`, which gets one JSON object on its standard input (`address`, `code`, `client`, `credential`, `minutes`) and ends with 0 when the message is on its way; it has ten seconds. Without it no codes are sent.'

export type Delivery = Exclude<DeliverySetting, { mail: unknown }> | { readonly mail: MailServer }

export function resolveDelivery(setting: DeliverySetting, at: ResolvePath): DeliverySetting {
  if ('command' in setting) return { command: { ...setting.command, file: at(setting.command.file) } }
  if (!('mail' in setting) || setting.mail.passwordFile === undefined) return setting
  return { mail: { ...setting.mail, passwordFile: at(setting.mail.passwordFile) } }
}

const HERE: readonly string[] = ['127.0.0.1', '::1', 'localhost']

export function* problemsOfDelivery(setting: DeliverySetting): Generator<string> {
  if ('command' in setting) yield* problemsOfFile('codeDelivery.command.file', setting.command.file)
  if (!('mail' in setting)) return
  const { host, security, user, passwordFile } = setting.mail
  if (security === 'clear' && !HERE.includes(host)) yield 'codeDelivery: in clear on this machine alone'
  if ((user === undefined) !== (passwordFile === undefined)) {
    yield 'codeDelivery: user and passwordFile, or neither'
  }
  if (passwordFile !== undefined) yield* problemsOfSecret('codeDelivery.mail.passwordFile', passwordFile)
}

export function readDelivery(setting: DeliverySetting): Delivery {
  if (!('mail' in setting)) return setting
  const { passwordFile, ...server } = setting.mail
  const password = passwordFile && readText(passwordFile, 'codeDelivery.mail.passwordFile').trim()
  return { mail: { ...server, password } }
}
