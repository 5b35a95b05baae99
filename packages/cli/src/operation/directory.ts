/** A deployment's directory, as `natsuin init` lays it out: which process has which configuration in it. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ProcessName } from '@natsuin/protocol/node/processes'
import { UsageError } from '../command.ts'

/** From the ground up: whoever starts finds those it talks to. */
export const ORDER: readonly ProcessName[] = ['sam', 'authorities', 'server', 'sic']

export const DEFAULT_DIRECTORY = '/etc/natsuin'

export function configurationIn(directory: string, name: ProcessName): string {
  return join(resolve(directory), name, `${name}.json`)
}

/** The processes that have a configuration here: on several machines, each has its own. @throws UsageError */
export function processesIn(directory: string): readonly ProcessName[] {
  const found = ORDER.filter(name => existsSync(configurationIn(directory, name)))
  if (found.length === 0) {
    throw new UsageError(`${resolve(directory)} holds no configuration; natsuin init --directory makes one.`)
  }
  return found
}

/** @throws UsageError */
export function chosenProcesses(directory: string, wanted: readonly string[]): readonly ProcessName[] {
  const there = processesIn(directory)
  const strange = wanted.filter(word => !there.some(name => name === word))
  if (strange.length > 0) throw new UsageError(`There is no process ${strange.join(', ')} in ${directory}.`)
  return wanted.length === 0 ? there : there.filter(name => wanted.includes(name))
}
