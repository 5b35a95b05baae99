/**
 * What a process counts, and how Prometheus reads it (exposition format 0.0.4).
 *
 * Ours, and the same in all four processes, because the SAM and the authorities take no library for it: this is all
 * that they need of one. Every metric is declared with its labels and the values that a label may take come from
 * tables in the code, never from a request, so that no label can hold a person, a document or a secret
 * (T-SEC-01), and no caller can make their number grow.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels?: readonly string[]
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[]
}

export type MetricTable = Readonly<Record<string, MetricDeclaration>>
export type LabelValues = Readonly<Record<string, string>>

/** Seconds: from a tenth of a millisecond, which a commit takes at best, to ten seconds, when nobody waits any more. */
export const LATENCY_BUCKETS = [0.0001, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** Values of one metric by its labels, in the spelling of the exposition format. */
type Series = Map<string, Value>

interface Value {
  sum: number
  /** Of a histogram: observations up to each bound. */
  readonly counts: number[]
  count: number
}

/** More series of one metric than this are a mistake in the code, and are not kept. */
const MAX_SERIES = 1000

export class Metrics<Table extends MetricTable> {
  readonly #table: Table
  readonly #series = new Map<string, Series>()
  readonly #gauges: (() => void)[] = []

  constructor(table: Table) {
    this.#table = table
  }

  /** Adds to a counter. */
  count(name: keyof Table & string, labels: LabelValues = {}, by = 1): void {
    const value = this.#value(name, labels)
    if (value !== undefined) value.sum += by
  }

  /** Sets a gauge. */
  set(name: keyof Table & string, to: number, labels: LabelValues = {}): void {
    const value = this.#value(name, labels)
    if (value !== undefined) value.sum = to
  }

  /** Puts an observation into a histogram. */
  observe(name: keyof Table & string, observed: number, labels: LabelValues = {}): void {
    const value = this.#value(name, labels)
    if (value === undefined) return
    value.sum += observed
    value.count += 1
    for (const [i, bound] of this.#bucketsOf(name).entries()) {
      if (observed <= bound) value.counts[i] = (value.counts[i] ?? 0) + 1
    }
  }

  /** Asks for gauges when somebody reads. */
  onRead(read: () => void): void {
    this.#gauges.push(read)
  }

  /** Everything, in the exposition format. */
  text(): string {
    for (const read of this.#gauges) read()
    return Object.entries(this.#table)
      .map(([name, declaration]) => this.#expose(name, declaration))
      .join('')
  }

  #value(name: string, labels: LabelValues): Value | undefined {
    const series = this.#series.get(name) ?? new Map<string, Value>()
    this.#series.set(name, series)
    const key = spell(this.#table[name]?.labels ?? [], labels)
    const known = series.get(key)
    if (known !== undefined || series.size >= MAX_SERIES) return known
    const value = { sum: 0, counts: this.#bucketsOf(name).map(() => 0), count: 0 }
    series.set(key, value)
    return value
  }

  #bucketsOf(name: string): readonly number[] {
    return this.#table[name]?.buckets ?? []
  }

  #expose(name: string, { kind, help }: MetricDeclaration): string {
    const lines = [...(this.#series.get(name) ?? [])].flatMap(([labels, value]) =>
      kind === 'histogram' ? this.#histogram(name, labels, value) : [line(name, labels, value.sum)],
    )
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines, ''].join('\n')
  }

  #histogram(name: string, labels: string, { sum, counts, count }: Value): string[] {
    const upTo = (bound: string) => [labels, `le="${bound}"`].filter(part => part !== '').join(',')
    return [
      ...this.#bucketsOf(name).map((bound, i) => line(`${name}_bucket`, upTo(String(bound)), counts[i] ?? 0)),
      line(`${name}_bucket`, upTo('+Inf'), count),
      line(`${name}_sum`, labels, sum),
      line(`${name}_count`, labels, count),
    ]
  }
}

function spell(names: readonly string[], values: LabelValues): string {
  return names.map(name => `${name}="${escaped(values[name] ?? '')}"`).join(',')
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`
}

/** What every process says of itself. */
export const processMetrics = {
  natsuin_start_time_seconds: { kind: 'gauge', help: 'When the process started, in seconds since 1970.' },
  natsuin_resident_memory_bytes: { kind: 'gauge', help: 'Memory that the process holds.' },
  natsuin_cpu_seconds_total: { kind: 'counter', help: 'Processor time that the process has used.' },
  natsuin_event_loop_delay_seconds: {
    kind: 'gauge',
    help: 'How late the event loop ran, at the 99th percentile since it was last read.',
  },
} as const satisfies MetricTable

/** Measures the process from now on. */
export function measureProcess(metrics: Metrics<typeof processMetrics & MetricTable>, now: () => Date): void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  metrics.set('natsuin_start_time_seconds', Math.floor(now().getTime() / 1000 - process.uptime()))
  metrics.onRead(() => {
    const { user, system } = process.cpuUsage()
    metrics.set('natsuin_resident_memory_bytes', process.memoryUsage.rss())
    metrics.set('natsuin_cpu_seconds_total', (user + system) / 1e6)
    metrics.set('natsuin_event_loop_delay_seconds', delay.percentile(99) / 1e9)
    delay.reset()
  })
}
