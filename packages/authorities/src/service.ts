/** The running service: its two doors, the public one and the one for `server`, and what must be done in time. */
import { randomUUID } from 'node:crypto'
import { issuanceMethods } from '@natsuin/protocol/issuance'
import {
  describeFault,
  gaugeModule,
  type Log,
  Metrics,
  measureProcess,
  meteredHandlers,
  observeModule,
  type ReadinessChecks,
  readListenAddress,
  serve,
  serveHealth,
} from '@natsuin/protocol/node'
import { readSamKey } from './config/load.ts'
import type { Configuration } from './config/schema.ts'
import { gaugeAuthorities } from './gauges.ts'
import { type PublicServer, type PublicServerOptions, servePublic } from './http/public-server.ts'
import { publicRoutes } from './http/routes.ts'
import { issuanceHandlers } from './issuance-handlers.ts'
import { type AuthoritiesMetrics, authoritiesMetrics } from './metrics.ts'
import { authorityKeys } from './module/keys.ts'
import { respond } from './ocsp/respond.ts'
import { type Authorities, openAuthorities, type Surroundings } from './open-authorities.ts'
import { mayStampAt, timeStamp } from './tsa/time-stamp.ts'

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
  const address = readListenAddress(configuration.listen)
  const stack = new AsyncDisposableStack()
  try {
    const metrics: AuthoritiesMetrics = new Metrics(authoritiesMetrics)
    const parts = await openAuthorities(
      configuration,
      samKey,
      { ...surroundings, onModuleCall: observeModule(metrics) },
      stack,
    )
    const door = await openPublicDoor(configuration, parts, metrics)
    stack.defer(() => door.close())
    const handlers = meteredHandlers<typeof issuanceMethods>(issuanceHandlers(parts), metrics)
    const onFault = (incident: string, fault: unknown) => report(parts.log, fault, incident)
    const issuance = await serve({ methods: issuanceMethods, handlers, address, onFault })
    stack.defer(() => issuance.close())
    const health = await serveHealth({ address: configuration.health, checks: readiness(parts), metrics })
    stack.defer(() => health.close())
    measureProcess(metrics, () => new Date(surroundings.clocks.wall()))
    gaugeAuthorities(parts, metrics)
    gaugeModule(metrics, () => parts.authority.module.health)
    keepUp(parts, stack)
    return { port: door.port, stop: () => stack.disposeAsync() }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

function openPublicDoor(
  { public: listen, requestsPerMinute: perMinute }: Configuration,
  parts: Authorities,
  metrics: AuthoritiesMetrics,
): Promise<PublicServer> {
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
  return servePublic({ listen, routes, perMinute, onFault, log, observe: observePublic(metrics) })
}

function observePublic(metrics: AuthoritiesMetrics): NonNullable<PublicServerOptions['observe']> {
  return (path, status, seconds) => {
    metrics.count('natsuin_public_requests_total', { path, status: String(status) })
    metrics.observe('natsuin_public_request_seconds', seconds, { path })
  }
}

/** The store and the module answer, and nothing of what must be done in time is late. */
function readiness(parts: Authorities): ReadinessChecks {
  return {
    module: async () => (await parts.authority.module.publicKey(authorityKeys.issuing.label)) !== undefined,
    store: async () => (await parts.authority.register.revoked()).altered >= 0,
    'crl-overdue': () => !parts.crl.isOverdue(),
    'root-crl-overdue': () => !parts.rootCrl.isOverdue(),
    time: () => parts.unit.clock.now() !== undefined,
    'time-stamp-key': () => mayStampAt(parts.unit.certificate, parts.authority.now()),
    'issuing-certificate': () => parts.authority.now() <= parts.authority.issuer.certificate.notAfter,
  }
}

/** What keeps the service from doing its work at present. */
function problemsOf({ authority, crl, rootCrl, unit }: Authorities): readonly string[] {
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
function keepUp({ crl, rootCrl, unit, log }: Authorities, stack: AsyncDisposableStack): void {
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
