/** Identity providers that people log in with: how they are written, and what is wrong with one. */
import { identifier, visibleText } from '@natsuin/protocol/approval'
import { isLocalName, path, problemsOfSecret, type ResolvePath, readText } from '@natsuin/protocol/node'
import { list, optional, record, type Shaped, text } from '@natsuin/protocol/shape'

export const logInProvidersSetting = list(
  record({
    id: identifier,
    name: visibleText(255),
    /** As it spells itself (OpenID Connect Core 1.0, 2: `iss`). */
    issuer: text({ max: 300, pattern: /^https?:\/\/[^\s?#]+$/ }),
    clientId: text({ max: 255, pattern: /^[\x21-\x7e]+$/ }),
    secretFile: optional(path),
    switchOffFile: optional(path),
  }),
  { max: 20 },
)

export type LogInProviderFile = Shaped<typeof logInProvidersSetting>[number]

export interface LogInProviderConfiguration {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Absent: it is a public client there. */
  readonly secret?: string
  /** While this file exists the provider logs nobody in. */
  readonly switchOffFile?: string
}

export function resolveLogInProvider(written: LogInProviderFile, at: ResolvePath): LogInProviderFile {
  const { secretFile, switchOffFile } = written
  return {
    ...written,
    ...(secretFile === undefined ? {} : { secretFile: at(secretFile) }),
    ...(switchOffFile === undefined ? {} : { switchOffFile: at(switchOffFile) }),
  }
}

export function* problemsOfLogInProviders(all: readonly LogInProviderFile[]): Generator<string> {
  const ids = all.map(({ id }) => id)
  for (const [i, { id, issuer, secretFile }] of all.entries()) {
    const setting = `logInProviders: ${id}`
    if (ids.indexOf(id) !== i) yield `${setting} is there twice`
    if (secretFile !== undefined) yield* problemsOfSecret(`${setting}: secretFile`, secretFile)
    const { protocol, hostname } = new URL(issuer)
    if (protocol !== 'https:' && !isLocalName(hostname)) yield `${setting}: issuer: an address in clear`
  }
}

/** @throws ConfigurationError */
export function readLogInProvider({ secretFile, ...given }: LogInProviderFile): LogInProviderConfiguration {
  return secretFile === undefined
    ? given
    : { ...given, secret: readText(secretFile, 'logInProviders').trim() }
}
