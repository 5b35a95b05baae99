/** What `sic` counts. */
import type { RequestListener } from 'node:http'
import { type Metrics, type MetricTable, processMetrics } from '@natsuin/protocol/node'

export const sicMetrics = {
  ...processMetrics,
  natsuin_page_requests_total: { kind: 'counter', help: 'Requests by status.', labels: ['status'] },
} as const satisfies MetricTable

export function countAnswers(site: RequestListener, metrics: Metrics<typeof sicMetrics>): RequestListener {
  return (request, response) => {
    response.once('finish', () =>
      metrics.count('natsuin_page_requests_total', { status: String(response.statusCode) }),
    )
    site(request, response)
  }
}
