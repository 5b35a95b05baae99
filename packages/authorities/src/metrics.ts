/** What the authorities count. */
import {
  callMetrics,
  LATENCY_BUCKETS,
  type Metrics,
  type MetricTable,
  moduleMetrics,
  processMetrics,
} from '@natsuin/protocol/node'

export const authoritiesMetrics = {
  ...processMetrics,
  ...callMetrics,
  ...moduleMetrics,
  natsuin_public_requests_total: {
    kind: 'counter',
    help: 'Requests at the public door by path (`other` where there is nothing) and status.',
    labels: ['path', 'status'],
  },
  natsuin_public_request_seconds: {
    kind: 'histogram',
    help: 'Time to answer at the public door.',
    labels: ['path'],
    buckets: LATENCY_BUCKETS,
  },
  natsuin_certificate_end_time_seconds: {
    kind: 'gauge',
    help: 'When a certificate of the authorities ends, in seconds since 1970.',
    labels: ['certificate'],
  },
  natsuin_time_stamp_key_end_time_seconds: {
    kind: 'gauge',
    help: 'When the time-stamping key may not be used any more, in seconds since 1970.',
  },
  natsuin_crl_next_update_time_seconds: {
    kind: 'gauge',
    help: 'When the newest CRL must have been replaced, in seconds since 1970.',
    labels: ['crl'],
  },
  natsuin_crl_number: { kind: 'gauge', help: 'Number of the newest CRL.', labels: ['crl'] },
  natsuin_time_trusted: {
    kind: 'gauge',
    help: '1 while time-stamps are given; 0 while the clock is not trusted.',
  },
} as const satisfies MetricTable

export type AuthoritiesMetrics = Metrics<typeof authoritiesMetrics>
