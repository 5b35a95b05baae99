/**
 * The running service: opens what `found` made, checks it, and connects the parts. Composition only.
 */
import { randomUUID } from 'node:crypto'
import type { CryptoModule } from '@natsuin/crypto-module'
import { issuanceMethods } from '@natsuin/protocol/issuance'
import { serve } from '@natsuin/protocol/node'
import { addressesUnder } from './ca/addresses.ts'
import type { SignerCertification } from './ca/authority.ts'
import { loadAuthority } from './ca/authority-certificates.ts'
import { CrlPublisher, ROOT_CRL_HOURS } from './ca/crl.ts'
import type { RevocationEntries } from './ca/crl-content.ts'
import type { Issuer } from './ca/issuer.ts'
import { OneAtATime } from './ca/one-at-a-time.ts'
import { policies } from './ca/policies.ts'
import { Register } from './ca/register.ts'
import { readListenAddress, readSamKey } from './config/load.ts'
import type { Configuration } from './config/schema.ts'
import { type PublicServer, servePublic } from './http/public-server.ts'
import { publicRoutes } from './http/routes.ts'
import { issuanceHandlers } from './issuance-handlers.ts'
import { describeFault, type Log } from './log.ts'
import { type AuthorityName, sealKeyLabel } from './module/keys.ts'
import { openModule } from './module/open-module.ts'
import { issuerNamesOf, type OcspResponder, respond } from './ocsp/respond.ts'
import { Seal } from './seal/seal.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { TimeStampSerialNumbers, timeStampFloor } from './tsa/serial-numbers.ts'
import { mayStampAt, type TimeStampingUnit, timeStamp } from './tsa/time-stamp.ts'
import { type Clocks, TrustedClock } from './tsa/trusted-clock.ts'

export interface Surroundings {
  readonly clocks: Clocks
  readonly log: Log
}

export interface RunningService {
  /** The port of the public door. */
  readonly port: number
  stop(): Promise<void>
}

/** @throws Error when anything that `found` made is missing or altered, or a port is taken (`EADDRINUSE`) */
export async function startService(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<RunningService> {
  const samKey = readSamKey(configuration)
  const address = readListenAddress(configuration)
  const stack = new AsyncDisposableStack()
  try {
    const parts = await openParts(configuration, samKey, surroundings, stack)
    const door = await openPublicDoor(configuration, parts)
    stack.defer(() => door.close())
    const handlers = issuanceHandlers(parts)
    const onFault = (incident: string, fault: unknown) => report(parts.log, fault, incident)
    const issuance = await serve({ methods: issuanceMethods, handlers, address, onFault })
    stack.defer(() => issuance.close())
    keepUp(parts, stack)
    return { port: door.port, stop: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

interface Parts {
  readonly authority: SignerCertification
  readonly crl: CrlPublisher
  readonly rootCrl: CrlPublisher
  readonly root: Uint8Array
  readonly timeStamping: Uint8Array
  readonly responder: OcspResponder
  readonly unit: TimeStampingUnit
  readonly keys: OneAtATime
  readonly log: Log
}

async function openParts(
  configuration: Configuration,
  samKey: Uint8Array,
  { clocks, log }: Surroundings,
  stack: AsyncDisposableStack,
): Promise<Parts> {
  const now = () => new Date(clocks.wall())
  const module = await openModule(configuration.module)
  stack.defer(() => module.close())
  const store = openSqliteStore(configuration.store.sqlite)
  stack.defer(() => store.close())
  const seal = await Seal.derive(module, sealKeyLabel)
  const load = (name: AuthorityName) => loadAuthority(store, seal, module, name)
  const [root, issuer, ocsp, tsa] = [
    await load('root'),
    await load('issuing'),
    await load('ocsp'),
    await load('tsa'),
  ]
  const register = new Register(store, seal)
  const { crlFile, crlValidityHours, rootCrlFile, deployment, maxLevel } = configuration
  const known = await revokedInRegister(register, log)
  const crl = await CrlPublisher.open(
    { module, issuer, file: crlFile, validityHours: crlValidityHours, now },
    known,
  )
  const rootCrl = await CrlPublisher.open(
    { module, issuer: root, file: rootCrlFile, validityHours: ROOT_CRL_HOURS, now },
    new Map(),
  )
  const addresses = addressesUnder(configuration.public.baseUrl)
  const validityDays = configuration.signerValidityDays
  const policy = { samKey, deployment, maxLevel }
  const issuerNames = await issuerNamesOf(issuer.certificate)
  const validitySeconds = configuration.ocspValiditySeconds
  return {
    authority: { module, issuer, register, addresses, now, policy, validityDays },
    crl,
    rootCrl,
    root: root.certificate.bytes,
    timeStamping: tsa.certificate.bytes,
    responder: { module, delegate: ocsp, issuerNames, register, crl, now, validitySeconds },
    unit: await openUnit({ configuration, module, store, tsa, issuer, clocks }),
    keys: new OneAtATime(),
    log,
  }
}

/** Rows whose seal does not hold are reported: the CRL file, not they, says whether they stay revoked. */
async function revokedInRegister(register: Register, log: Log): Promise<RevocationEntries> {
  const { records, altered } = await register.revoked()
  if (altered > 0) log('error', 'records-altered', { altered })
  return new Map(records.map(({ serial, revokedAt, reason }) => [serial, { revokedAt, reason }]))
}

async function openUnit(parts: {
  readonly configuration: Configuration
  readonly module: CryptoModule
  readonly store: Store
  readonly tsa: Issuer
  readonly issuer: Issuer
  readonly clocks: Clocks
}): Promise<TimeStampingUnit> {
  const { configuration, module, store, tsa, issuer, clocks } = parts
  const { clockToleranceMilliseconds: toleranceMilliseconds } = configuration
  const floor = await timeStampFloor(store)
  return {
    module,
    key: tsa.key,
    certificate: tsa.certificate,
    chain: [issuer.certificate.bytes],
    policy: module.description.softwareModule ? policies.testTimeStamp : policies.timeStamp,
    clock: new TrustedClock({ clocks, toleranceMilliseconds, floor }),
    serialNumbers: new TimeStampSerialNumbers(store),
  }
}

function openPublicDoor({ public: { host, port } }: Configuration, parts: Parts): Promise<PublicServer> {
  const { authority, crl, rootCrl, root, responder, unit, log } = parts
  const onFault = (fault: unknown) => report(log, fault)
  const routes = publicRoutes({
    root,
    issuing: authority.issuer.certificate.bytes,
    rootCrl: () => rootCrl.bytes,
    issuingCrl: () => crl.bytes,
    ocsp: request => respond(responder, request, onFault),
    timeStamp: request => timeStamp(unit, request, onFault),
    problems: () => problemsOf(parts),
  })
  return servePublic({ host, port, routes, onFault })
}

/** What keeps the service from doing its work at present. */
function problemsOf({ authority, crl, rootCrl, unit }: Parts): readonly string[] {
  const now = authority.now()
  const checks: Readonly<Record<string, boolean>> = {
    'crl-overdue': crl.isOverdue(),
    'root-crl-overdue': rootCrl.isOverdue(),
    'time-untrusted': unit.clock.now() === undefined,
    'time-stamp-key-out-of-period': !mayStampAt(unit.certificate, now),
    'issuing-certificate-expired': now > authority.issuer.certificate.notAfter,
  }
  return Object.keys(checks).filter(problem => checks[problem])
}

/** The clock is looked at often, so that its anchor follows; CRLs are renewed when half of their time has passed. */
function keepUp({ crl, rootCrl, unit, log }: Parts, stack: AsyncDisposableStack): void {
  const watch = setInterval(() => unit.clock.now(), CLOCK_SECONDS * 1000)
  const renew = setInterval(() => {
    for (const publisher of [crl, rootCrl].filter(candidate => candidate.isDue())) {
      publisher.publish().catch((fault: unknown) => report(log, fault))
    }
  }, CRL_CHECK_SECONDS * 1000)
  stack.defer(() => {
    clearInterval(watch)
    clearInterval(renew)
  })
}

const CLOCK_SECONDS = 5
const CRL_CHECK_SECONDS = 30

/** Logs a fault under an incident id, which is all that the other side learns. */
function report(log: Log, fault: unknown, incident: string = randomUUID()): string {
  log('error', 'fault', { incident, ...describeFault(fault) })
  return incident
}
