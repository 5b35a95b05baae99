/** What a deployment is to be: decided before it is founded, kept beside its state, read again at every start. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientKey, ProofingRecord, Wire } from '@natsuin/protocol/approval'
import type { CredentialClass, IdentityProvider, Level, Role } from '@natsuin/protocol/genesis'
import type { ProcessName } from '@natsuin/protocol/node/processes'

export interface ClientPlan {
  readonly id: string
  readonly name: string
  readonly redirectUris: readonly string[]
  /** With which it authenticates; absent for a public client. */
  readonly secret?: string
  /** Public keys that it signs request objects with; DER SubjectPublicKeyInfo in base64url. */
  readonly keys?: readonly Wire<ClientKey>[]
  /** Further members of its registration at the server; `public: false` for one that proves who it is by its keys. */
  readonly registration?: Readonly<Record<string, unknown>>
  /** Web origins whose windows may hand documents over. */
  readonly origins?: readonly string[]
}

export interface PersonPlan {
  /** Also the name of the device that holds the passkey. */
  readonly id: string
  readonly name: string
  readonly roles: readonly Role[]
}

export interface Ports {
  readonly server: number
  /** Fixed at genesis: the approval origin is in the roster. */
  readonly approval: number
  /** Fixed at genesis: certificates carry the addresses of CRL and OCSP. */
  readonly authorities: number
}

export interface Plan {
  readonly name: string
  readonly environment: 'production' | 'test'
  readonly maxLevel: Level
  readonly classes: readonly CredentialClass[]
  readonly people: readonly PersonPlan[]
  /** How many security officers have to agree. */
  readonly quorum: number
  readonly clients: readonly ClientPlan[]
  /** Identity providers that vouch for signers. */
  readonly providers?: readonly Wire<IdentityProvider>[]
  /** How the registration desk finds out who people are. */
  readonly proofing: Pick<ProofingRecord, 'method' | 'level'>
  readonly ports: Ports
  /** URLs of two databases, or files of the embedded one. */
  readonly store: 'sqlite' | { readonly sam: string; readonly server: string }
  readonly module: 'software' | SoftHsmPlan
  /** How many SAMs there are; more than one on PostgreSQL only. */
  readonly sams?: number
  /** Unix sockets where the server reaches these instead of their own. */
  readonly detours?: { readonly sam: string; readonly authorities: string }
  /** Unix socket where the SAM asks before it goes past a failpoint; only with environment `test`. */
  readonly failpoints?: string
  /** Of the clients that may ask for signatures of level 3 (default: any). */
  readonly profile?: 'standard' | 'fapi2'
  /** Further settings of the server. */
  readonly server?: Readonly<Record<string, unknown>>
  /** What the server logs. */
  readonly logLevel?: 'debug' | 'info'
  /** How much the server takes on: its setting `limits`. */
  readonly limits?: object
  /** With which the server speaks TLS; PEM. Whoever calls it trusts the certificate. */
  readonly tls?: TlsPlan
}

export interface TlsPlan {
  readonly certificateFile: string
  readonly keyFile: string
}

/** A process of a deployment: one of each program, and further SAMs by their names. */
export type Member = ProcessName | SamName
export type SamName = `sam-${number}`

/** The SAMs beside the first: `sam-2`, `sam-3`… */
export function furtherSams({ sams = 1 }: Pick<Plan, 'sams'>): readonly SamName[] {
  return Array.from({ length: sams - 1 }, (_, i) => `sam-${i + 2}` as const)
}

export function programOf(member: Member): ProcessName {
  // Every other member is a program by its own name.
  return member.startsWith('sam-') ? 'sam' : (member as ProcessName)
}

/** A token for each: signers' keys and the authorities' are never in one partition. */
export interface SoftHsmPlan {
  readonly sam: TokenPlan
  readonly authorities: TokenPlan
}

export interface TokenPlan {
  readonly modulePath: string
  readonly tokenLabel: string
  readonly pinFile: string
  /** Where the PKCS#11 library finds its tokens: SOFTHSM2_CONF. */
  readonly environment: Readonly<Record<string, string>>
}

export interface Urls {
  readonly server: string
  readonly approval: string
  readonly authorities: string
  /** Base of the CSC API. */
  readonly csc: string
  readonly timeStamp: string
}

export function urlsOf({ ports, tls }: Pick<Plan, 'ports' | 'tls'>): Urls {
  const { approval, authorities } = ports
  const server = `${tls === undefined ? 'http' : 'https'}://localhost:${ports.server}`
  return {
    server,
    // An RP ID and a cookie jar of its own, on one machine (WebAuthn refuses 127.0.0.1).
    approval: `http://${APPROVAL_HOST}:${approval}`,
    authorities: `http://localhost:${authorities}`,
    csc: `${server}/csc/v2/`,
    timeStamp: `http://localhost:${authorities}/tsa`,
  }
}

export const APPROVAL_HOST = 'approve.localhost'

/** A class of credentials for passkeys: P-256, keys that last, five minutes for everything. */
export function classOf(level: Level, members: Partial<CredentialClass> = {}): CredentialClass {
  return {
    id: `level-${level}`,
    level,
    keyType: 'ec-p256',
    maxSignatures: 100,
    ticketSeconds: 300,
    sadSeconds: 300,
    approvals: ['passkey'],
    bases: level === 3 ? ['seen', 'vouched'] : ['seen', 'vouched', 'unseen'],
    keys: 'lasting',
    proofing: { minLevel: level === 1 ? 1 : 2, maxAgeDays: 90 },
    ...members,
  }
}

/** Those who vouch for people. */
export function officersOf({ people }: Pick<Plan, 'people'>): readonly PersonPlan[] {
  return people.filter(({ roles }) => roles.includes('registration-officer'))
}

/** Three security officers, of whom two have to agree. */
export const SECURITY_OFFICERS: readonly PersonPlan[] = ['First', 'Second', 'Third'].map((which, i) => ({
  id: `security-officer-${i + 1}`,
  name: `${which} security officer`,
  roles: ['security-officer'],
}))

export function savePlan(directory: string, plan: Plan): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  writeFileSync(join(directory, PLAN), JSON.stringify(plan, null, 2), { mode: 0o600 })
}

/** Whether a founding came to its end here: the plan is written last. */
export function isFounded(directory: string): boolean {
  return existsSync(join(directory, PLAN))
}

/** @throws when the directory holds no deployment */
export function loadPlan(directory: string): Plan {
  return JSON.parse(readFileSync(join(directory, PLAN), 'utf8')) as Plan // written by savePlan alone
}

const PLAN = 'plan.json'
