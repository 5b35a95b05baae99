/** What a probe of a token finds, as values. */
import type { ModuleCapabilities, ModuleDescription } from '../../module.ts'

export type Level = 1 | 2 | 3

export interface Finding {
  readonly id: string
  /** A sentence that is true of a token that has it. */
  readonly what: string
  readonly works: boolean
  /** From which level on a token needs it; absent where it is good to know. */
  readonly from?: Level
  /** What the token said, or how it does it. */
  readonly said?: string
}

export interface TokenReport {
  readonly token: ModuleDescription & { readonly label: string; readonly serial: string }
  readonly findings: readonly Finding[]
  readonly keyTypes: ModuleCapabilities
  /** Up to which level the token can be used; 0 where not at all. */
  readonly highestLevel: 0 | Level
}
