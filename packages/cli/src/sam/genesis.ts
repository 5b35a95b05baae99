/**
 * natsuin sam genesis — leads through the ceremony that founds a deployment, step by step (sole-control 8).
 *
 * What a step makes is a file, so that a ceremony that was interrupted goes on where it stopped. The SAM looks at
 * everything once more and makes nothing if anything is wrong.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { toWire } from '@natsuin/protocol/approval'
import { replaceFile } from '@natsuin/protocol/node'
import { ProcessEnded } from '@natsuin/protocol/node/processes'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'
import { type Ask, openQuestions } from '../ask.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { configurationIn, DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { CUSTODIANS, custodiansIn } from './custodians.ts'
import { gatheredPeople, gatherPeople, PEOPLE, peopleLines } from './people.ts'
import { runAs } from './run-as.ts'

export const samGenesis: Command = {
  name: 'sam genesis',
  usage: '[--directory DIR]',
  help: `Leads through the founding of a deployment: the people with their passkeys, the root of the authorities, what
the roster will say, the SAM's keys and the first record of its log, and what the other processes need of them. Each
step leaves a file in DIR; when one is there, its step is done, and the ceremony can be gone on with on another day.

Run it as root on the SAM's host, where each process has a user of its own; as the one user otherwise.

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 founded, 1 not yet, 2 wrong usage.`,

  async run(args, terminal) {
    const directory = directoryIn(args)
    const questions = openQuestions()
    try {
      return await lead({ directory, ask: questions.ask, terminal })
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
      terminal.error(problemsIn(error))
      return 1
    } finally {
      questions.close()
    }
  },
}

interface Ceremony {
  readonly directory: string
  readonly ask: Ask
  readonly terminal: Terminal
}

function directoryIn(args: readonly string[]): string {
  const options = { directory: { type: 'string', default: DEFAULT_DIRECTORY } } as const
  try {
    return resolve(parseArgs({ args: [...args], options }).values.directory)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** What the SAM or the authorities found wrong, a line each. */
function problemsIn({ answer, message }: ProcessEnded): string {
  const { problems } = answer
  return Array.isArray(problems) ? ['It cannot be founded like this:', ...problems].join('\n  ') : message
}

interface Step {
  readonly title: string
  /** What of it is there already. */
  readonly isDone: (ceremony: Ceremony) => boolean
  /** Whether it came to its end. */
  readonly act: (ceremony: Ceremony) => Promise<boolean>
}

const STEPS: readonly Step[] = [
  {
    title: 'The people of the first roster',
    isDone: ({ directory }) => gatheredPeople(directory) !== undefined,
    act: ({ directory, ask, terminal }) => gatherPeople(directory, ask, terminal),
  },
  {
    title: 'The root of the authorities',
    isDone: ({ directory }) => existsSync(join(directory, ROOT)),
    act: makeRoot,
  },
  {
    title: 'The SAM: its keys, the roster, and the first record of its log',
    isDone: ({ directory }) => existsSync(join(directory, GENESIS)),
    act: found,
  },
  {
    title: 'The SAM key, for authorities and sic',
    isDone: ({ directory }) => existsSync(join(directory, SAM_KEY)),
    act: async ({ directory }) => {
      const { samKey } = readFounded(directory)
      await replaceFile(join(directory, SAM_KEY), `${samKey}\n`, 0o644)
      return true
    },
  },
  {
    title: 'The secrets of the server',
    isDone: ({ directory }) => !existsSync(configurationIn(directory, 'server')) || hasSecrets(directory),
    act: async ({ directory }) => {
      await runAs(directory, 'server', ['init'])
      return true
    },
  },
]

const [ROOT, GENESIS, SAM_KEY, FOUNDING, BACKUP] = [
  'root.json',
  'genesis.json',
  'sam-key.txt',
  'founding.json',
  'backup-1.json',
] as const

async function lead(ceremony: Ceremony): Promise<number> {
  const { out, error } = ceremony.terminal
  for (const [at, { title, isDone, act }] of STEPS.entries()) {
    const isThere = isDone(ceremony)
    out(`\n${at + 1}/${STEPS.length}  ${title}${isThere ? ': done' : ''}`)
    if (isThere || (await act(ceremony))) continue
    error('\nNot founded yet. Call natsuin sam genesis again to go on.')
    return 1
  }
  const { samKeyDigest } = readFounded(ceremony.directory)
  out(
    [
      '',
      'Founded. Publish this digest of the SAM key where you cannot change it unnoticed:',
      '',
      `  ${samKeyDigest}`,
      '',
      'Then start the processes; those that run already, again. From now on only the people of the roster change it:',
      'docs/administer.md.',
    ].join('\n'),
  )
  return 0
}

async function makeRoot({ directory, terminal }: Ceremony): Promise<boolean> {
  const file = join(directory, ROOT)
  if (!existsSync(configurationIn(directory, 'authorities'))) {
    terminal.out(
      `  On the machine of the authorities: natsuin run authorities found\n  What it prints goes into ${file}.`,
    )
    return false
  }
  const answer = await runAs(directory, 'authorities', ['found'])
  await replaceFile(file, `${JSON.stringify(answer)}\n`, 0o644)
  return true
}

async function found(ceremony: Ceremony): Promise<boolean> {
  const { directory, ask, terminal } = ceremony
  const founding = await completeFounding(directory)
  terminal.out((await foundingLines(directory, founding)).join('\n'))
  const name = String(founding['deployment'])
  const answer = await ask(`Everybody named is here and agrees: type "${name}" to found it.`, 'no')
  if (answer !== name) return false
  const { backup, ...made } = await runAs(directory, 'sam', [
    'genesis',
    '--founding',
    join(directory, FOUNDING),
  ])
  if (backup !== undefined) await keepBackup(join(directory, BACKUP), backup, terminal)
  await replaceFile(join(directory, GENESIS), `${JSON.stringify(made)}\n`, 0o644)
  return true
}

async function keepBackup(file: string, backup: unknown, { out }: Terminal): Promise<void> {
  await replaceFile(file, JSON.stringify(backup), 0o644)
  out(`  The backup of the SAM's keys, of use to its custodians alone: ${file}. Keep copies of it elsewhere.`)
}

/** What `natsuin init` began, with the people and the root. */
async function completeFounding(directory: string): Promise<Readonly<Record<string, unknown>>> {
  const file = join(directory, FOUNDING)
  const { root } = readObject(join(directory, ROOT))
  const people = toWire(gatheredPeople(directory) ?? [])
  const backup = custodiansIn(join(directory, CUSTODIANS))
  const complete = {
    ...readObject(file),
    people,
    trustAnchors: [root],
    ...(backup !== undefined && { backup: toWire(backup) }),
  }
  await replaceFile(file, `${JSON.stringify(complete, null, 2)}\n`, 0o644)
  return complete
}

async function foundingLines(
  directory: string,
  { deployment, environment, maxLevel, approvalOrigin, issuer, quorum }: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  return [
    `  ${deployment}: ${environment}, up to level ${maxLevel}`,
    `  server ${issuer}, approval page ${approvalOrigin}, which can never change`,
    `  ${quorum} security officers have to agree to a change`,
    ...(await peopleLines(gatheredPeople(directory) ?? [])),
    `  Classes, applications and limits: ${join(directory, FOUNDING)}; people: ${join(directory, PEOPLE)}`,
  ]
}

function readFounded(directory: string): { readonly samKey: string; readonly samKeyDigest: string } {
  const { samKey, samKeyDigest } = readObject(join(directory, GENESIS))
  return { samKey: String(samKey), samKeyDigest: String(samKeyDigest) }
}

function hasSecrets(directory: string): boolean {
  const file = configurationIn(directory, 'server')
  const { secretsDirectory } = readObject(file)
  return existsSync(resolve(dirname(file), String(secretsDirectory), 'secrets.json'))
}

/** @throws UsageError */
function readObject(file: string): Readonly<Record<string, unknown>> {
  try {
    return parseUnambiguousJson(readFileSync(file, 'utf8')) as Record<string, unknown>
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
