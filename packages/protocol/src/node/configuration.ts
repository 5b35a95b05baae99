/**
 * How a process reads its configuration: a JSON file against a table of settings, all problems at once, and no
 * start on doubt.
 *
 * A process has one table, in which every setting stands once with its form, its default and what it means; its
 * reference page is printed from the same table. Relative paths are relative to the file. Secrets and pinned keys
 * are named by path and read where they are used.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Shape, type Shaped, text } from '../shape/shape.ts'

export interface Setting<T> {
  readonly shape: Shape<T>
  /** Absent: the setting must be given. */
  readonly byDefault?: T
  readonly documentation: string
  /** For values whose form takes more than a line to say. */
  readonly example?: unknown
}

export type SettingTable = Readonly<Record<string, Setting<unknown>>>

/** What a file holds that fits the table. */
export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Shaped<Table[Name]['shape']>
}

/** @param example a value, where its form takes more than a line to say */
export function required<T>(shape: Shape<T>, documentation: string, example?: unknown): Setting<T> {
  return { shape, documentation, ...(example === undefined ? {} : { example }) }
}

export function optional<T>(
  byDefault: T,
  shape: Shape<T>,
  documentation: string,
  example?: unknown,
): Setting<T> {
  return { shape, byDefault, documentation, ...(example === undefined ? {} : { example }) }
}

/** The path of a file or a directory. */
export const path = text({ max: 4096 })

/** An object with exactly one of these members: `{"software": …}` or `{"pkcs11": …}`. */
export function oneMember<Members extends Readonly<Record<string, Shape<unknown>>>>(members: Members) {
  const shapes = Object.values(members)
  return (value: unknown, at = ''): Shaped<Members[keyof Members]> => {
    const [name = ''] = Object.keys(Object(value))
    const shape = Object.hasOwn(members, name) ? members[name] : shapes[0]
    if (shape === undefined) throw new TypeError('no member to choose from')
    // The shape is one of the members'.
    return shape(value, at) as Shaped<Members[keyof Members]>
  }
}

/** Everything that is wrong with the configuration, a line each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[], headline = 'the configuration cannot be used') {
    super(`${headline}:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigurationError'
    this.problems = problems
  }
}

/** The settings of a file, with their defaults. @throws ConfigurationError */
export function readSettings<Table extends SettingTable>(file: string, table: Table): SettingValues<Table> {
  const given = new Map(Object.entries(readJsonFile(file)))
  const problems = [...given.keys()]
    .filter(name => !Object.hasOwn(table, name))
    .map(name => `${name}: there is no such setting`)
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    try {
      values[name] = readSetting(given, name, setting)
    } catch (error) {
      problems.push(reasonOf(error))
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return values as SettingValues<Table> // each value was shaped by the setting of its name just above
}

function readSetting(given: ReadonlyMap<string, unknown>, name: string, setting: Setting<unknown>): unknown {
  if (given.has(name)) return setting.shape(given.get(name), name)
  if (setting.byDefault === undefined) throw new Error(`${name}: missing. ${setting.documentation}`)
  return setting.byDefault
}

/** The JSON object that a file holds. @throws ConfigurationError */
export function readJsonFile(file: string): object {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigurationError([`${file}: ${reasonOf(error)}`])
  }
  if (typeof value !== 'object' || value === null) throw new ConfigurationError([`${file}: not an object`])
  return value
}

/** The text of a file that a setting names. @throws ConfigurationError that says which setting */
export function readText(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError([`${setting}: ${reasonOf(error)}`])
  }
}

/** Makes a path absolute. */
export type ResolvePath = (path: string) => string

/** Paths in a configuration file are relative to it. */
export function besideFile(file: string): ResolvePath {
  const base = dirname(resolve(file))
  return given => resolve(base, given)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unreadable')
