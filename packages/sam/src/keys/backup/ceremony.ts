/** The two parts of a restoration on the SAM's host, each a program of its own while no SAM runs (docs/operate.md). */
import { existsSync } from 'node:fs'
import { type CryptoModule, foundModule, type ImportKey, openModule } from '@natsuin/crypto-module'
import { type Restoration, restoration } from '@natsuin/protocol/keys'
import { ConfigurationError, moduleChoice, readJsonFile } from '@natsuin/protocol/node'
import { ShapeError } from '@natsuin/protocol/shape'
import type { Configuration } from '../../config/schema.ts'
import type { Surroundings as All } from '../../service.ts'
import { addKeyWitnesses } from './key-witnesses.ts'
import { leaveMark } from './restoration-mark.ts'
import { prepareRestore, restoreKeys } from './restore-keys.ts'
import { needKeyWitnessFile } from './witnessed-module.ts'

type Surroundings = Omit<All, 'onUntrustedDisk'>

/** The key that custodians encrypt for. @throws Error naming what is missing */
export async function beginRestoration(
  configuration: Configuration,
  surroundings: Surroundings,
): Promise<ImportKey> {
  needKeyWitnessFile(configuration)
  const module = await openEmpty(configuration, surroundings)
  try {
    return await prepareRestore(module)
  } finally {
    await module.close()
  }
}

/** Labels of the keys that are back. @throws ConfigurationError, ModuleRefusal */
export async function endRestoration(
  configuration: Configuration,
  given: Restoration,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const module = await openEmpty(configuration, surroundings)
  try {
    await restoreKeys(module, given)
  } finally {
    await module.close()
  }
  await addKeyWitnesses(configuration.keyWitnessFile, given.keys)
  await leaveMark(configuration.checkpointDirectory, given, Math.floor(surroundings.clock.wall() / 1000))
  return given.keys.map(({ label }) => label)
}

/** The new module, made where it is a directory that is not there yet. */
async function openEmpty(
  { module }: Configuration,
  { environment, log }: Surroundings,
): Promise<CryptoModule> {
  const choice = await moduleChoice(module, log)
  const isNew = 'software' in module && !existsSync(module.software.directory)
  return isNew ? foundModule(choice, environment) : openModule(choice, environment)
}

/** @throws ConfigurationError */
export function loadRestoration(file: string): Restoration {
  try {
    return restoration(readJsonFile(file))
  } catch (error) {
    if (error instanceof ShapeError) throw new ConfigurationError([`${file}: ${error.message}`])
    throw error
  }
}
