/**
 * natsuin init — writes the configuration of a deployment: asks what only the operator knows, and no secret.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openQuestions } from '../ask.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { collectAnswers, WrongAnswers } from './answer.ts'
import { type Places, type PlannedFile, plannedFiles } from './configurations.ts'
import { DEFAULT_DIRECTORY } from './directory.ts'
import { type Identity, makeInternalAuthority } from './internal-authority.ts'
import { nextSteps } from './next-steps.ts'
import { type Answers, QUESTIONS } from './questions.ts'
import { userOf, writeFiles } from './write-files.ts'

export const init: Command = {
  name: 'init',
  usage: '[--directory DIR] [--state DIR] [--run DIR] [--answers FILE] [--yes] [--QUESTION ANSWER …]',
  help: `Writes the configuration of sam, authorities, server and sic, and says what to do next. Nothing in it
is secret: a PIN or the URL of a database goes into an empty file beside it, which natsuin check names.
What is there is never written over.

  --directory DIR   where the configuration goes (${DEFAULT_DIRECTORY})
  --state DIR       where databases, keys of a software module and heads of the log go (DIR/state)
  --run DIR         where local sockets go (DIR/run)
  --answers FILE    answers, a JSON object of texts
  --yes             ask nothing: defaults for what is not answered

Questions, each a flag as well:
${QUESTIONS.map(({ name, text }) => `  --${name.padEnd(18)} ${text}`).join('\n')}

Exit status: 0 written, 1 something is there already, 2 wrong usage or answers.`,

  async run(args, terminal) {
    const { places, given, yes } = readArguments(args)
    const taken = whatIsThere(places.directory)
    if (taken !== undefined) {
      terminal.error(`${taken} is there already; nothing was written.`)
      return 1
    }
    const answers = await answersOr(given, yes, terminal)
    if (answers === undefined) return 2
    const files = [...plannedFiles(answers, places), ...(await peerFiles(answers))]
    makeDirectories(answers, places)
    writeFiles(places.directory, files, answers['users'] === 'separate' ? userOf : undefined)
    terminal.out(nextSteps(answers, places))
    return 0
  },
}

function readArguments(args: readonly string[]) {
  const { values } = parse(args)
  const { directory = DEFAULT_DIRECTORY, state, run, answers, yes, ...flags } = values
  const base = resolve(directory)
  const places: Places = {
    directory: base,
    state: resolve(state ?? join(base, 'state')),
    run: resolve(run ?? join(base, 'run')),
  }
  const fromFlags = Object.entries(flags).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  const given: Answers = {
    ...(answers === undefined ? {} : readAnswers(answers)),
    ...Object.fromEntries(fromFlags),
  }
  return { places, given, yes: yes ?? false }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flags: Record<string, typeof text> = Object.fromEntries(QUESTIONS.map(({ name }) => [name, text]))
  const options = {
    ...flags,
    directory: text,
    state: text,
    run: text,
    answers: text,
    yes: { type: 'boolean' } as const,
  }
  try {
    return parseArgs({ args: [...args], options })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

function readAnswers(file: string): Answers {
  const answers = JSON.parse(readFileSync(file, 'utf8')) as unknown
  const whole = typeof answers === 'object' && answers !== null && !Array.isArray(answers)
  if (!whole || Object.values(answers).some(answer => typeof answer !== 'string')) {
    throw new UsageError(`${file} is not a JSON object of texts.`)
  }
  return answers as Answers // just seen to be
}

/** A directory that may exist for other things, but holds nothing of ours. */
function whatIsThere(directory: string): string | undefined {
  const ours = ['sam', 'authorities', 'server', 'sic', 'internal-ca', 'founding.json']
  const found = existsSync(directory) ? readdirSync(directory).find(name => ours.includes(name)) : undefined
  return found === undefined ? undefined : join(directory, found)
}

async function answersOr(given: Answers, yes: boolean, terminal: Terminal): Promise<Answers | undefined> {
  const asked = yes ? undefined : openQuestions()
  try {
    return await collectAnswers(given, asked?.ask)
  } catch (error) {
    if (!(error instanceof WrongAnswers)) throw error
    for (const problem of error.problems) terminal.error(problem)
    return undefined
  } finally {
    asked?.close()
  }
}

/** For processes on several machines: what each needs to know the others by. */
async function peerFiles(answers: Answers): Promise<PlannedFile[]> {
  if (answers['hosts'] !== 'several') return []
  const { name = '', 'sam-host': sam = '', 'authorities-host': authorities = '' } = answers
  const peers = [
    { owner: 'sam', host: sam },
    { owner: 'authorities', host: authorities },
    { owner: 'server' },
  ] as const
  const made = await makeInternalAuthority(name, peers, new Date())
  const { certificate, key } = made.authority
  return [
    { path: 'internal-ca/ca.pem', owner: 'all', content: certificate, mode: 0o644 },
    { path: 'internal-ca/ca-key.pem', owner: 'all', content: key, mode: 0o600 },
    ...[...made.peers].flatMap(([owner, identity]) => identityFiles(owner, identity, certificate)),
  ]
}

function identityFiles(
  owner: 'sam' | 'authorities' | 'server',
  identity: Identity,
  ca: string,
): PlannedFile[] {
  return [
    { path: `${owner}/${owner}-peer.pem`, owner, content: identity.certificate, mode: 0o644 },
    { path: `${owner}/${owner}-peer-key.pem`, owner, content: identity.key, mode: 0o600 },
    { path: `${owner}/internal-ca.pem`, owner, content: ca, mode: 0o644 },
  ]
}

/** On one machine under one user; where users differ, tmpfiles make them with their owners. */
function makeDirectories({ users }: Answers, { directory, state, run }: Places): void {
  if (users === 'separate') return
  for (const name of ['sam', 'authorities', 'authorities/crl', 'server']) {
    mkdirSync(join(state, name), { recursive: true, mode: 0o700 })
  }
  for (const name of ['sam', 'authorities', 'server', 'sic']) {
    mkdirSync(join(run, name), { recursive: true, mode: 0o700 })
  }
  mkdirSync(directory, { recursive: true })
}
