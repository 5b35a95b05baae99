/** A file of ours, as people hand it over. */
import { readFileSync } from 'node:fs'
import { parseUnambiguousJson, type Shape } from '@natsuin/protocol/shape'
import { UsageError } from '../command.ts'

/** @throws UsageError */
export function readShaped<T>(file: string, shape: Shape<T>): T {
  try {
    return shape(parseUnambiguousJson(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
