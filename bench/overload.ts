/**
 * Ten times as many requests under way as a server works on at once, for a minute: what it answers, what it needs, and how
 * soon it is over (threats T-DOS-07).
 *
 * Everybody reads `credentials/info` with a good token, so that what is not refused is worked on. The flood comes from ten
 * addresses, as many connections of each as one may have.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { enrolSigner, openApplication } from '@natsuin/testing/deployment'
import { type Caller, openCaller } from './caller.ts'
import { compared, type Figure, reference } from './figure.ts'
import { type Rate, rateOf } from './load.ts'
import { residentMegabytes } from './memory.ts'
import { onEmbedded, type Stack, withDeployment } from './stacks.ts'

const IN_FLIGHT = 512
const TIMES = 10
const SECONDS = 60
const CALM = { seconds: 5, concurrency: 32 } as const
/** Nobody is refused because he comes often: only because there are many. */
const EVERYBODY = 1_000_000_000 / 10
const LIMITS = {
  inFlight: IN_FLIGHT,
  connectionsPerAddress: IN_FLIGHT,
  perMinute: { address: EVERYBODY, guesses: EVERYBODY, client: EVERYBODY, signer: EVERYBODY },
}

type Ask = (caller: Caller) => Promise<number>

export function overloadFigures(tell: (what: string) => void): Promise<readonly Figure[]> {
  return onEmbedded(stack => stackFigures(stack, tell))
}

function stackFigures({ members }: Stack, tell: (what: string) => void): Promise<readonly Figure[]> {
  return withDeployment({ ...members, limits: LIMITS }, async deployment => {
    const signer = await enrolSigner(deployment, { commonName: 'Bench', countryName: 'JP' })
    const token = await openApplication(deployment).serviceToken(signer)
    const url = new URL(`${deployment.urls.csc}credentials/info`)
    const body = JSON.stringify({ credentialID: signer.credentialId })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const ask: Ask = async caller => (await caller.send(url, body, headers)).status
    tell('a calm service')
    const calm = await calmRate(ask)
    const before = residentMegabytes(deployment, 'server')
    tell(`${TIMES * IN_FLIGHT} requests under way for ${SECONDS} seconds`)
    const flooded = await flood(ask, () => residentMegabytes(deployment, 'server'))
    const recovery = await secondsUntilCalm(ask, calm)
    return figuresOf({ calm, before, flooded, recovery, after: await calmRate(ask) })
  })
}

async function calmRate(ask: Ask): Promise<Rate> {
  const caller = openCaller(CALM.concurrency)
  try {
    return await rateOf(async () => ((await ask(caller)) === 200 ? 1 : 0), CALM)
  } finally {
    caller.close()
  }
}

interface Flooded {
  readonly answeredPerSecond: number
  readonly refusedPerSecond: number
  readonly otherwise: number
  readonly peakMegabytes: number
}

async function flood(ask: Ask, megabytes: () => number): Promise<Flooded> {
  const callers = Array.from({ length: TIMES }, (_, i) =>
    openCaller(IN_FLIGHT, { localAddress: `127.0.0.${i + 10}` }),
  )
  const counts = { 200: 0, 503: 0, otherwise: 0 }
  const end = performance.now() + SECONDS * 1000
  const worker = async (caller: Caller) => {
    while (performance.now() < end) {
      const status = await ask(caller).catch(() => 0)
      if (status === 200 || status === 503) counts[status] += 1
      else counts.otherwise += 1
    }
  }
  let peakMegabytes = 0
  const watch = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, megabytes())
  }, 250)
  await Promise.all(callers.flatMap(caller => Array.from({ length: IN_FLIGHT }, () => worker(caller))))
  clearInterval(watch)
  for (const caller of callers) caller.close()
  return {
    answeredPerSecond: counts[200] / SECONDS,
    refusedPerSecond: counts[503] / SECONDS,
    otherwise: counts.otherwise,
    peakMegabytes,
  }
}

/** From the end of the flood until a second in which the 99th percentile is at most twice that of the calm. */
async function secondsUntilCalm(ask: Ask, { p99 }: Rate): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const from = performance.now()
    const caller = openCaller(CALM.concurrency)
    const second = await rateOf(async () => ((await ask(caller)) === 200 ? 1 : 0), { ...CALM, seconds: 1 })
    caller.close()
    if (second.perSecond > 0 && second.p99 <= 2 * p99) return (from - begun) / 1000
    await pause(100)
  }
}

interface Observed {
  readonly calm: Rate
  readonly before: number
  readonly flooded: Flooded
  readonly recovery: number
  readonly after: Rate
}

function figuresOf({ calm, before, flooded, recovery, after }: Observed): readonly Figure[] {
  const calmly = reference(`credentials/info, ${CALM.concurrency} under way`, calm.perSecond, 'requests/s')
  const p99 = reference('  p99', calm.p99, 'ms')
  const memory = reference('  memory of server', before, 'MB')
  return [
    calmly,
    p99,
    memory,
    compared(`answered, ${TIMES * IN_FLIGHT} under way`, flooded.answeredPerSecond, calmly),
    reference('  refused with 503', flooded.refusedPerSecond, 'requests/s'),
    reference('  neither', flooded.otherwise, 'requests'),
    compared('  memory of server at the peak', flooded.peakMegabytes, memory),
    reference('  until it is calm again', recovery, 's'),
    compared('credentials/info afterwards', after.perSecond, calmly),
    compared('  p99 afterwards', after.p99, p99),
  ]
}
