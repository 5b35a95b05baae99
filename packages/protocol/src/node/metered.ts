/** Calls between our processes and to a crypto module, counted and timed, on whichever side of them. */
import { Refusal } from '../refusal/refusal.ts'
import { ShapeError } from '../shape/shape.ts'
import type { Connection } from './connect.ts'
import type { Handlers, MethodTable } from './methods.ts'
import { LATENCY_BUCKETS, type Metrics, type MetricTable } from './metrics.ts'

/** What became of one call: `ok`, the code of a refusal, or `fault`. */
export type ObserveCall = (method: string, outcome: string, seconds: number) => void

const SECONDS = { kind: 'histogram', buckets: LATENCY_BUCKETS } as const

/** Calls that a process answers, or makes to a peer. */
export const callMetrics = {
  natsuin_requests_total: {
    kind: 'counter',
    help: 'Requests of other processes by method and outcome: ok, fault, or the code of the refusal.',
    labels: ['method', 'outcome'],
  },
  natsuin_request_seconds: { ...SECONDS, help: 'Time to answer a request.', labels: ['method'] },
} as const satisfies MetricTable

export type CallMetrics = typeof callMetrics

export const moduleMetrics = {
  natsuin_module_calls_total: {
    kind: 'counter',
    help: 'Calls to the crypto module by operation and outcome: ok, fault, or the code of the refusal.',
    labels: ['operation', 'outcome'],
  },
  natsuin_module_call_seconds: {
    ...SECONDS,
    help: 'Time of a call to the crypto module.',
    labels: ['operation'],
  },
  natsuin_module_waiting: { kind: 'gauge', help: 'Requests that wait for an answer of a token.' },
  natsuin_module_token_ready: {
    kind: 'gauge',
    help: '1 while a token does its work; 0 while it rests, does not answer, or refused the PIN.',
    labels: ['token'],
  },
  natsuin_module_token_used_ratio: {
    kind: 'gauge',
    help: 'How much of its memory a token says is used, from 0 to 1; absent where it does not say.',
    labels: ['token'],
  },
} as const satisfies MetricTable

/** How a crypto module says that it is. */
interface ModuleHealth {
  readonly waiting: number
  readonly tokens: readonly { readonly name: string; readonly state: string; readonly used?: number }[]
}

/** Asked when somebody reads. */
export function gaugeModule(
  metrics: Metrics<typeof moduleMetrics & MetricTable>,
  health: () => ModuleHealth,
): void {
  metrics.onRead(() => {
    const { waiting, tokens } = health()
    metrics.set('natsuin_module_waiting', waiting)
    for (const { name: token, state, used } of tokens) {
      metrics.set('natsuin_module_token_ready', state === 'ready' ? 1 : 0, { token })
      if (used !== undefined) metrics.set('natsuin_module_token_used_ratio', used, { token })
    }
  })
}

/** The same handlers; each call is counted. */
export function meteredHandlers<T extends MethodTable>(
  handlers: Handlers<T>,
  metrics: Metrics<CallMetrics & MetricTable>,
): Handlers<T> {
  const observe = observeRequests(metrics)
  const metered = Object.entries(handlers).map(([method, handler]) => {
    const answer = handler as (request: unknown) => Promise<unknown>
    return [method, (request: unknown) => timed(method, observe, () => answer(request))]
  })
  return Object.fromEntries(metered) as Handlers<T> // one for one
}

export type MeteredCalls<T extends MethodTable> = Connection<T>

/** The same connection; each call is told of. */
export function meteredConnection<T extends MethodTable>(
  connection: Connection<T>,
  observe: ObserveCall,
): MeteredCalls<T> {
  return {
    call: (method, request) => timed(method, observe, () => connection.call(method, request)),
    close: () => connection.close(),
  }
}

export function observeModule(metrics: Metrics<typeof moduleMetrics & MetricTable>): ObserveCall {
  return (operation, outcome, seconds) => {
    metrics.count('natsuin_module_calls_total', { operation, outcome })
    metrics.observe('natsuin_module_call_seconds', seconds, { operation })
  }
}

function observeRequests(metrics: Metrics<CallMetrics & MetricTable>): ObserveCall {
  return (method, outcome, seconds) => {
    metrics.count('natsuin_requests_total', { method, outcome })
    metrics.observe('natsuin_request_seconds', seconds, { method })
  }
}

async function timed<R>(method: string, observe: ObserveCall, call: () => Promise<R>): Promise<R> {
  const begun = performance.now()
  const tell = (outcome: string) => observe(method, outcome, (performance.now() - begun) / 1000)
  try {
    const answer = await call()
    tell('ok')
    return answer
  } catch (error) {
    tell(error instanceof Refusal || error instanceof ShapeError ? error.code : 'fault')
    throw error
  }
}
