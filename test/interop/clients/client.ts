/** What a client of other people has to manage against our server, and what it says of each. */
import type { Verdict } from '../judges/verdict.ts'
import type { Stage } from './stage.ts'

export interface RealClient {
  readonly name: string
  /** The release that is set up. */
  readonly version: string
  /** How it speaks to us, for the page. */
  readonly speaks: string
  /** Everything that it has to manage, in order. */
  readonly does: readonly string[]
  /** Tells what became of each, as it comes; ends where it cannot go on. */
  run(stage: Stage): AsyncIterable<Step>
  readonly limits: readonly ClientLimit[]
}

export interface Step {
  /** One of `does`. */
  readonly what: string
  readonly passed: boolean
  /** The client's own word. */
  readonly word: string
}

/** What a client does not manage, known and looked at each time: when it learns to, the run says so. */
export interface ClientLimit {
  readonly what: string
  /** What it says then. */
  readonly says: RegExp
  readonly why: string
}

export interface ClientResult {
  readonly client: RealClient
  /** One for each of `does`. */
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** @param told  what the client said, in any order */
export function resultOf(client: RealClient, told: readonly Step[]): ClientResult {
  const verdicts = client.does.map(what => {
    const step = told.find(one => one.what === what) ?? { what, passed: false, word: 'not reached' }
    return [what, verdictOn(client, step)] as const
  })
  return { client, verdicts: new Map(verdicts) }
}

function verdictOn({ limits }: RealClient, { what, passed, word }: Step): Verdict {
  const limit = limits.find(one => one.what === what)
  if (limit === undefined) return { outcome: passed ? 'passed' : 'failed', word, reasons: [] }
  return !passed && limit.says.test(word)
    ? { outcome: 'unable', word, reasons: [limit.why] }
    : { outcome: 'failed', word, reasons: [`no longer says ${limit.says}`] }
}

export function wordOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
