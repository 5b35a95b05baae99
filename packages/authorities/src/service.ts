/** The running service: its two doors, the public one and the one for `server`, and what must be done in time. */
import { randomUUID } from 'node:crypto'
import { issuanceMethods } from '@natsuin/protocol/issuance'
import { describeFault, type Log, readListenAddress, serve } from '@natsuin/protocol/node'
import { readSamKey } from './config/load.ts'
import type { Configuration } from './config/schema.ts'
import { type PublicServer, servePublic } from './http/public-server.ts'
import { publicRoutes } from './http/routes.ts'
import { issuanceHandlers } from './issuance-handlers.ts'
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
    const parts = await openAuthorities(configuration, samKey, surroundings, stack)
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

function openPublicDoor(
  { public: { host, port } }: Configuration,
  parts: Authorities,
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
  return servePublic({ host, port, routes, onFault })
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
