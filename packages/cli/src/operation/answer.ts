/** Collects the answers of `natsuin init`: all that is wrong with them is said at once, where nobody is there to ask. */
import type { Ask } from '../ask.ts'
import { type Answers, QUESTIONS, type Question } from './questions.ts'

/** What is wrong with the answers; a line each. */
export class WrongAnswers extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * @param given answers from flags and file
 * @param ask absent: nobody is there, and the defaults hold
 * @throws WrongAnswers
 */
export async function collectAnswers(given: Answers, ask?: Ask): Promise<Answers> {
  const answers: Record<string, string> = {}
  const problems = unknownIn(given)
  for (const question of QUESTIONS) {
    const byDefault = question.byDefault(answers)
    const answer = given[question.name]
    if (byDefault === undefined) {
      if (answer !== undefined) problems.push(`${question.name}: not asked with the answers before it`)
      continue
    }
    answers[question.name] = answer ?? (await askUntilRight(question, byDefault, answers, ask))
    const wrong = question.wrong(answers[question.name] ?? '', answers)
    if (wrong !== undefined) {
      problems.push(`${question.name}: expected ${wrong}`)
      // The default takes its place, so that the others can still be judged.
      answers[question.name] = byDefault
    }
  }
  if (problems.length > 0) throw new WrongAnswers(problems)
  return answers
}

function unknownIn(given: Answers): string[] {
  const names = new Set(QUESTIONS.map(({ name }) => name))
  return Object.keys(given)
    .filter(name => !names.has(name))
    .map(name => `${name}: there is no such question`)
}

async function askUntilRight(
  question: Question,
  byDefault: string,
  answers: Answers,
  ask: Ask | undefined,
): Promise<string> {
  if (ask === undefined) return byDefault
  for (;;) {
    const answer = await ask(question.text, byDefault)
    const wrong = question.wrong(answer, answers)
    if (wrong === undefined) return answer
    await ask(`  expected ${wrong}; press Enter`, '')
  }
}
