/**
 * Authorised `signHash` over HTTP, one hash and many a call, beside the raw rate of the same module and OpenSSL's own.
 *
 * Everything is real: passkey approvals, OAuth tokens, the SAM's two commits and log leaves for each call,
 * verify-after-sign. Server, SAM and load generator share the machine.
 */
import { spawnSync } from 'node:child_process'
import { type Deployment, enrolSigner } from '@natsuin/testing/deployment'
import { measureCalls } from './calls.ts'
import { compared, type Figure, reference } from './figure.ts'
import { wrappedRate } from './module-rate.ts'
import { onBothStacks, type Stack, withDeployment } from './stacks.ts'

/** Approvals are enough for five seconds at ten times today's rate. */
const BATCHES = [
  { name: 'one hash a call', hashesPerCall: 1, approvals: 16, concurrency: 32, detailed: true },
  { name: '10 hashes a call', hashesPerCall: 10, approvals: 48, concurrency: 16, detailed: false },
  { name: '100 hashes a call', hashesPerCall: 100, approvals: 80, concurrency: 8, detailed: true },
  {
    name: '1,000 hashes in ten calls',
    hashesPerCall: 100,
    callsInARow: 10,
    approvals: 80,
    concurrency: 8,
    detailed: false,
  },
] as const

const SECONDS = 5

export async function signHashFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  const openssl = opensslRate()
  const figures = await onBothStacks(tell, 'signHash', stack => stackFigures(stack, openssl))
  return [openssl, ...figures]
}

/** ECDSA P-256 signatures a second of one process, by OpenSSL's own benchmark. */
function opensslRate(): Figure {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '2', '-mr', 'ecdsap256'], {
    encoding: 'utf8',
  })
  // +F4:index:bits:signatures a second:verifications a second
  const rate = Number(/^\+F4:\d+:256:([^:]+):/m.exec(stdout)?.[1])
  return reference('openssl speed, P-256, one process', rate, 'signatures/s')
}

async function stackFigures(stack: Stack, openssl: Figure): Promise<readonly Figure[]> {
  const load = { keyType: 'ec-p256', algorithm: 'ecdsa-sha256', groupSize: 100 } as const
  const rate = await wrappedRate(stack.module, load)
  const raw = compared(`${stack.moduleName}, raw, wrapped key, groups of 100`, rate, openssl)
  const service = await withDeployment(stack.members, deployment => serviceFigures(stack, deployment, raw))
  return [raw, ...service]
}

async function serviceFigures(
  { name }: Stack,
  deployment: Deployment,
  raw: Figure,
): Promise<readonly Figure[]> {
  const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
  const figures: Figure[] = []
  for (const { name: batch, detailed, ...plan } of BATCHES) {
    const measured = await measureCalls(deployment, [signer], { ...plan, seconds: SECONDS })
    figures.push(
      compared(`signHash, ${name}, ${batch}`, measured.perSecond, raw),
      reference(`  p99 of ${batch}`, measured.p99, 'ms'),
      ...(detailed ? measured.processorTimes : []),
    )
  }
  return figures
}
