/**
 * By what the SAM recognises keys of its own of which copies left the module, or that came back from a backup: a file of
 * the SAM's, beside its configuration and as trusted (crypto-module, `KeyWitness`). Nothing in it is secret.
 */
import { existsSync } from 'node:fs'
import { toWire } from '@natsuin/protocol/approval'
import { type KeyWitness, type KeyWitnessFile, keyWitnessFile } from '@natsuin/protocol/keys'
import { ConfigurationError, readJsonFile, replaceFile } from '@natsuin/protocol/node'
import { ShapeError, writeJson } from '@natsuin/protocol/shape'

type Named = KeyWitnessFile['keys'][number]

/** @param file an empty path is no file @throws ConfigurationError */
export function readKeyWitnesses(file: string): readonly Named[] {
  if (file === '' || !existsSync(file)) return []
  try {
    return keyWitnessFile(readJsonFile(file)).keys
  } catch (error) {
    if (error instanceof ShapeError) throw new ConfigurationError([`keyWitnessFile: ${error.message}`])
    throw error
  }
}

/** Durably, in the place of what was there of the same labels. Nothing where there is no file. */
export async function addKeyWitnesses(file: string, added: readonly Named[]): Promise<void> {
  if (file === '') return
  const labels = new Set(added.map(({ label }) => label))
  const others = readKeyWitnesses(file).filter(({ label }) => !labels.has(label))
  const taken = added.map(({ label, witness }) => ({ label, witness }))
  const content: KeyWitnessFile = { v: 1, keys: [...others, ...taken] }
  await replaceFile(file, writeJson(toWire(content)), 0o600)
}

/** As a module takes them. */
export const witnessesByLabel = (named: readonly Named[]): Readonly<Record<string, KeyWitness>> =>
  Object.fromEntries(named.map(({ label, witness }) => [label, witness]))
