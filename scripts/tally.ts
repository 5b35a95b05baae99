/**
 * Counts what `node:test` reports and says it in the last lines of a run: each skipped test with its reason,
 * each failed test by name, and `N passed, N failed, N skipped` alone on the very last line.
 *
 * Only leaves count: a suite, and a test that has tests inside, stand for their members. They count when they
 * fail by themselves (a hook that throws), so that nothing fails unseen. A test marked `todo` proves nothing
 * and counts as skipped. A file without any test counts as failed, because somebody believes that it tests.
 */

/** What we read of node's `test:pass` and `test:fail` events. */
export interface ReportedTest {
  readonly name: string
  readonly testId: number
  readonly parentId: number | undefined
  /** Absent from the event that stands for a whole file: one that holds no test, or that broke off. */
  readonly entryFile?: string
  readonly file?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: { readonly type?: 'suite' | 'test'; readonly error?: Error & { failureType?: string } }
}

type Outcome = 'passed' | 'failed' | 'skipped'

interface Counted {
  readonly outcome: Outcome
  readonly line: string
}

/** Everything that counts among the events of one run, in the order of the events. `root` shortens the paths. */
export function count(events: readonly ReportedTest[], root: string): Counted[] {
  const byId = new Map(events.map(event => [key(event, event.testId), event]))
  const parents = new Set(events.map(event => key(event, event.parentId)))
  return events
    .filter(event => counts(event, parents.has(key(event, event.testId))))
    .map(event => ({ outcome: outcomeOf(event), line: describe(event, byId, root) }))
}

/** The last lines of a run. */
export function summary(counted: readonly Counted[]): string[] {
  const having = (outcome: Outcome) => counted.filter(one => one.outcome === outcome)
  const named = (outcome: Outcome) => having(outcome).map(one => `${outcome}: ${one.line}`)
  const totals = (['passed', 'failed', 'skipped'] as const).map(one => `${having(one).length} ${one}`)
  return [...named('skipped'), ...named('failed'), totals.join(', ')]
}

function key(event: ReportedTest, id: number | undefined): string {
  return `${event.entryFile ?? ''}\n${id}`
}

function counts(event: ReportedTest, isParent: boolean): boolean {
  const { error, type } = event.details
  if (error !== undefined) return !(isParent && error.failureType === 'subtestsFailed')
  if (isParent) return false
  return type !== 'suite' || event.skip !== undefined || event.todo !== undefined
}

function outcomeOf(event: ReportedTest): Outcome {
  if (event.skip !== undefined || event.todo !== undefined) return 'skipped'
  return event.details.error !== undefined || event.entryFile === undefined ? 'failed' : 'passed'
}

function describe(event: ReportedTest, byId: Map<string, ReportedTest>, root: string): string {
  const file = (event.entryFile ?? event.file ?? '').replace(`${root}/`, '')
  return `${[file, ...titles(event, byId)].join(' › ')}${note(event)}`
}

function titles(event: ReportedTest, byId: Map<string, ReportedTest>): string[] {
  if (event.entryFile === undefined) return []
  const parent = byId.get(key(event, event.parentId))
  return [...(parent === undefined ? [] : titles(parent, byId)), event.name]
}

function note(event: ReportedTest): string {
  if (event.entryFile === undefined) return event.details.error ? ' (the file broke off)' : ' (holds no test)'
  const reason = event.skip ?? event.todo
  if (reason === undefined) return ''
  return ` (${typeof reason === 'string' && reason !== '' ? reason : 'no reason given'})`
}
