/** What must hold of the identity providers in a roster, and of the classes that name them (sole-control 7). */
import type {
  Assurance,
  CredentialClass,
  IdentityProvider,
  ProviderKey,
  Roster,
} from '@natsuin/protocol/genesis'
import { type KeyKind, usableKind } from './key-kind.ts'
import { isProtected } from './local-address.ts'

/** Every problem, in a sentence that names the provider. */
export function problemsOfProviders(providers: readonly IdentityProvider[]): string[] {
  const problems = providers.flatMap(problemsOf)
  if (isRepeating(providers.map(({ id }) => id))) problems.push('providers: an id twice')
  // Two under one issuer could each be asked for what the other one vouched for.
  if (isRepeating(providers.map(({ issuer }) => issuer))) problems.push('providers: an issuer twice')
  return problems
}

/** That the provider of a class is there, and vouches at its level. */
export function problemsOfClassProvider(
  { id, level, provider: named }: Pick<CredentialClass, 'id' | 'level' | 'provider'>,
  { providers = [] }: Pick<Roster, 'providers'>,
): string[] {
  if (named === undefined) return []
  const provider = providers.find(one => one.id === named)
  if (provider === undefined) return [`class ${id}: there is no provider ${named}`]
  return provider.assurances.some(one => one.level === level)
    ? []
    : [`class ${id}: provider ${named} does not vouch at level ${level}`]
}

function problemsOf(provider: IdentityProvider): string[] {
  const { id, issuer, authorizationEndpoint, tokenEndpoint, keys, assurances } = provider
  const addresses = { issuer, authorizationEndpoint, tokenEndpoint }
  const problems = [
    ...Object.entries(addresses)
      .filter(([, address]) => isWrongAddress(address))
      .map(([name]) => `${name} is no address with https, which only localhost may lack`),
    ...(isRepeating(keys.map(({ kid }) => kid)) ? ['a kid twice'] : []),
    ...keys.filter(isUnusable).map(({ kid, algorithm }) => `key ${kid} is none for ${algorithm}`),
    ...(isRepeating(assurances.map(({ level }) => String(level))) ? ['a level twice'] : []),
    ...assurances.filter(isBlind).map(({ level }) => `at level ${level} any log-in would do`),
  ]
  return problems.map(problem => `provider ${id}: ${problem}`)
}

const KINDS: Readonly<Record<ProviderKey['algorithm'], KeyKind>> = {
  RS256: 'rsa',
  PS256: 'rsa',
  ES256: 'ec',
  EdDSA: 'ed25519',
}

const isUnusable = ({ algorithm, publicKey }: ProviderKey) => usableKind(publicKey) !== KINDS[algorithm]

/** Above level 1 the service has to know how people log in there (C-AU-2). */
const isBlind = ({ level, acrs, amrs }: Assurance) => level > 1 && acrs === undefined && amrs === undefined

function isWrongAddress(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url === undefined || url.username !== '' || !isProtected(url)
}

const isRepeating = (values: readonly string[]) => new Set(values).size !== values.length
