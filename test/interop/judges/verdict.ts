/** What becomes of a judge's answer: passed only where the judge said so of every signature. */
import type { Cell } from '../cells/cell.ts'
import type { Answer, Finding, Judge } from './judge.ts'

export interface Verdict {
  /** `unable`: a limit of the judge that we know of, in its own words. */
  readonly outcome: 'passed' | 'failed' | 'unable'
  readonly word: string
  /** What the judge gave as reasons; for `unable`, what is known of the limit. */
  readonly reasons: readonly string[]
}

export function verdictOf(judge: Judge, cell: Cell, answer: Answer): Verdict {
  const findings = findingsAbout(cell, answer)
  const word = answer.cannot ?? wordOf(judge, findings)
  const reasons = findings.flatMap(({ errors }) => errors)
  const limit = judge.limits.find(({ applies }) => applies(cell))
  if (limit !== undefined) {
    const said = [word, ...reasons].some(text => limit.says.test(text))
    return said
      ? { outcome: 'unable', word, reasons: [limit.why] }
      : { outcome: 'failed', word, reasons: [`no longer says ${limit.says}`, ...reasons] }
  }
  return { outcome: isAsExpected(judge, cell, findings) ? 'passed' : 'failed', word, reasons }
}

/** The newest signature is the one that covers the whole file. */
function findingsAbout({ signatures }: Cell, { signatures: all = [] }: Answer): readonly Finding[] {
  return signatures === 'the newest' ? all.filter(({ coverage }) => coverage === 'ENTIRE_FILE') : all
}

/** A judge that could not read what it should refuse has not refused it. */
function isAsExpected(judge: Judge, cell: Cell, findings: readonly Finding[]): boolean {
  const accepted = findings.filter(finding => judge.accepts(finding, cell)).length
  const complete = findings.length === (cell.signatures === 'the newest' ? 1 : cell.signatures)
  return complete && accepted === (cell.expected === 'accepted' ? findings.length : 0)
}

/** Each thing that was said once, with how often where not of the only signature. */
function wordOf(judge: Judge, findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no signature found'
  const counts = new Map<string, number>()
  for (const word of findings.map(judge.word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => (count === 1 ? word : `${count} × ${word}`)).join('; ')
}
