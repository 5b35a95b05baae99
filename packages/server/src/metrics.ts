/** What `server` counts: its routes, and its calls to the SAM and to the authorities. */
import {
  LATENCY_BUCKETS,
  type Metrics,
  type MetricTable,
  type ObserveCall,
  processMetrics,
} from '@natsuin/protocol/node'
import type { FastifyInstance } from 'fastify'

export const serverMetrics = {
  ...processMetrics,
  natsuin_http_requests_total: {
    kind: 'counter',
    help: 'Requests by route, as the router spells it, and status; `other` where there is no route.',
    labels: ['method', 'route', 'status'],
  },
  natsuin_http_request_seconds: {
    kind: 'histogram',
    help: 'Time to answer a request.',
    labels: ['method', 'route'],
    buckets: LATENCY_BUCKETS,
  },
  natsuin_peer_calls_total: {
    kind: 'counter',
    help: 'Calls to the SAM and to the authorities by method and outcome: ok, fault, or the code of the refusal.',
    labels: ['peer', 'method', 'outcome'],
  },
  natsuin_peer_call_seconds: {
    kind: 'histogram',
    help: 'Time of a call to the SAM or to the authorities.',
    labels: ['peer', 'method'],
    buckets: LATENCY_BUCKETS,
  },
} as const satisfies MetricTable

export type ServerMetrics = Metrics<typeof serverMetrics>

export function observePeer(metrics: ServerMetrics, peer: 'sam' | 'authorities'): ObserveCall {
  return (method, outcome, seconds) => {
    metrics.count('natsuin_peer_calls_total', { peer, method, outcome })
    metrics.observe('natsuin_peer_call_seconds', seconds, { peer, method })
  }
}

/** Every answer is counted under the pattern of its route: the path itself may hold a handle. */
export function countRequests(app: FastifyInstance, metrics: ServerMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request.routeOptions.url, request.raw.url ?? '')
    const { method } = request
    metrics.count('natsuin_http_requests_total', { method, route, status: String(reply.raw.statusCode) })
    metrics.observe('natsuin_http_request_seconds', reply.elapsedTime / 1000, { method, route })
  })
}

/** The authorization server has one pattern for all of its paths; those that matter have names of their own. */
const OAUTH_PATHS = ['/oauth2/authorize', '/oauth2/pushed_authorize', '/oauth2/token', '/oauth2/revoke']

function routeOf(pattern: string | undefined, url: string): string {
  if (pattern === undefined) return 'other'
  return OAUTH_PATHS.find(path => url === path || url.startsWith(`${path}?`)) ?? pattern
}
