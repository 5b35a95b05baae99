/** `clientsDirectory`: a registration per file, named by the id of its client. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { besideFile, ConfigurationError, readJsonFile } from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import { type ClientFile, clientSetting } from './client-schema.ts'
import {
  type ClientConfiguration,
  filesOfClient,
  problemsOfClient,
  readClient,
  resolveClient,
} from './clients.ts'

const EXTENSION = '.json'

/** Other files are nobody's business: editors and file systems leave some. */
function clientIdsIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter(name => name.endsWith(EXTENSION))
    .map(name => name.slice(0, -EXTENSION.length))
}

/** @param taken ids of the clients that are registered elsewhere */
export function* problemsOfDirectory(directory: string, taken: readonly string[]): Generator<string> {
  let ids: readonly string[] = []
  try {
    ids = clientIdsIn(directory)
  } catch (error) {
    yield `clientsDirectory: ${String(error)}`
  }
  for (const id of ids) {
    if (taken.includes(id)) yield `clientsDirectory: ${id} is there twice`
    yield* problemsOfFile(directory, id)
  }
}

function* problemsOfFile(directory: string, id: string): Generator<string> {
  try {
    readRegistration(directory, id)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    yield* error.problems
  }
}

export const isRegistered = (directory: string, id: string): boolean => existsSync(fileOf(directory, id))

const fileOf = (directory: string, id: string): string => join(directory, `${id}${EXTENSION}`)

/** What a registration was read from, as it was then. */
export interface Registration {
  readonly client: ClientConfiguration
  /** Of the file and of those that it names. */
  readonly files: readonly string[]
  readonly stamp: string
}

/** @throws ConfigurationError when it is not there, or cannot be used */
export function readRegistration(directory: string, id: string): Registration {
  const file = fileOf(directory, id)
  const written = readWritten(file)
  const setting = `clientsDirectory: ${id}`
  const problems = [...problemsOfClient(setting, written)]
  if (written.client_id !== id) problems.unshift(`${setting}: its client_id is ${written.client_id}`)
  if (problems.length > 0) throw new ConfigurationError(problems)
  const files = [file, ...filesOfClient(written)]
  // Before the files are read: what changes meanwhile is seen the next time.
  const stamp = stampOf(files)
  return { client: readClient(written), files, stamp }
}

function readWritten(file: string): ClientFile {
  try {
    return resolveClient(clientSetting(readJsonFile(file)), besideFile(file))
  } catch (error) {
    if (error instanceof ShapeError) throw new ConfigurationError([`${file}: ${error.message}`])
    throw error
  }
}

/** Differs when a file was written to, replaced or removed. */
export function stampOf(files: readonly string[]): string {
  return files
    .map(file => statSync(file, { throwIfNoEntry: false }))
    .map(found => (found === undefined ? '-' : `${found.ino} ${found.size} ${found.mtimeMs}`))
    .join(', ')
}
