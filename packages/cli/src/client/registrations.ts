/**
 * Registrations of applications at `server`: a file for each in its `clientsDirectory`, secrets in files beside it.
 *
 * The server looks at them while it runs. A registration is replaced whole, by one that names files which are there already,
 * so that it never sees half of a change. What a registration may say, the server alone judges.
 */
import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ProcessEnded, runCommand } from '@natsuin/protocol/node/processes'
import { parseUnambiguousJson } from '@natsuin/protocol/shape'
import { reading, UsageError } from '../command.ts'
import { configurationIn } from '../operation/directory.ts'

/** As it is written; docs/clients.md has the members. */
export type Registration = Readonly<Record<string, unknown>> & { readonly client_id: string }

export interface Registrations {
  /** Entries of `server.json`, which only an editor changes. */
  readonly entries: readonly Registration[]
  readonly directory: string
  /** Of the process that reads them. */
  readonly owner: { readonly uid: number; readonly gid: number }
  readonly configuration: string
}

/** @param directory what natsuin init wrote @throws UsageError */
export async function openRegistrations(directory: string): Promise<Registrations> {
  const configuration = configurationIn(directory, 'server')
  const written = await reading(configuration, async () => readObject(configuration))
  const { clients, clientsDirectory } = written
  if (typeof clientsDirectory !== 'string' || clientsDirectory === '') {
    throw new UsageError(`${configuration} names no clientsDirectory.`)
  }
  const { uid, gid } = statSync(configuration)
  return {
    entries: Array.isArray(clients) ? (clients as Registration[]) : [], // the server has checked its configuration
    directory: resolve(dirname(configuration), clientsDirectory),
    owner: { uid, gid },
    configuration,
  }
}

/** Those of files, by their ids. @throws UsageError */
export function registrationsIn({ directory }: Registrations): readonly Registration[] {
  const names = readdirSync(directory).filter(name => name.endsWith('.json'))
  return names.toSorted().map(name => readObject(join(directory, name)) as Registration) // named by its client_id
}

/** @throws UsageError when it is not there, or not in a file */
export function registrationOf(registrations: Registrations, id: string): Registration {
  const file = fileOf(registrations, id)
  if (existsSync(file)) return readObject(file) as Registration // named by its client_id
  const isEntry = registrations.entries.some(({ client_id }) => client_id === id)
  const why = isEntry
    ? `stands in ${registrations.configuration} itself; change it there`
    : 'is not registered'
  throw new UsageError(`${id} ${why}.`)
}

export function isRegistered({ entries, ...files }: Registrations, id: string): boolean {
  return entries.some(({ client_id }) => client_id === id) || existsSync(fileOf(files, id))
}

export function fileOf({ directory }: Pick<Registrations, 'directory'>, id: string): string {
  return join(directory, `${id}.json`)
}

const REGISTRATION_MODE = 0o640
const SECRET_MODE = 0o600

export function writeRegistration(registrations: Registrations, registration: Registration): void {
  const file = fileOf(registrations, registration.client_id)
  replaceOwned(file, `${JSON.stringify(registration, null, 2)}\n`, REGISTRATION_MODE, registrations)
}

/** @returns what the registration calls it: a name beside it */
export function writeSecret(registrations: Registrations, name: string, secret: string): string {
  replaceOwned(join(registrations.directory, name), `${secret}\n`, SECRET_MODE, registrations)
  return name
}

/** The server reads what belongs to it from the first moment on: it does not look again at a file that only changes hands. */
function replaceOwned(file: string, content: string, mode: number, { owner }: Registrations): void {
  const aside = `${file}.new`
  rmSync(aside, { force: true })
  writeFileSync(aside, content, { mode, flag: 'wx', flush: true })
  if (process.getuid?.() === 0) chownSync(aside, owner.uid, owner.gid)
  renameSync(aside, file)
}

export function removeFile({ directory }: Registrations, name: unknown): void {
  if (typeof name === 'string') rmSync(resolve(directory, name), { force: true })
}

export function removeRegistration(registrations: Registrations, id: string): void {
  rmSync(fileOf(registrations, id))
}

/** What the server says is wrong with this registration; nothing of anything else. */
export async function problemsOf(registrations: Registrations, id: string): Promise<readonly string[]> {
  const args = ['check', '--config', registrations.configuration]
  try {
    await runCommand({ name: 'server', args })
    return []
  } catch (ended) {
    if (!(ended instanceof ProcessEnded)) throw ended
    const { problems } = ended.answer
    const all = Array.isArray(problems) ? problems.map(String) : []
    return all.filter(one => one.includes(`${id}:`) || one.includes(fileOf(registrations, id)))
  }
}

/** @throws UsageError */
function readObject(file: string): Readonly<Record<string, unknown>> {
  const value = parsed(file)
  if (typeof value !== 'object' || value === null) throw new UsageError(`${file} holds no JSON object.`)
  return value as Readonly<Record<string, unknown>> // an object, as just seen
}

function parsed(file: string): unknown {
  try {
    return parseUnambiguousJson(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error
    throw new UsageError(`${file} holds no JSON.`)
  }
}
