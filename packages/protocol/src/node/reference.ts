/** What a table of settings says of itself, for the reference page that is printed from it. */
import type { Shape } from '../shape/shape.ts'
import type { Setting, SettingTable } from './configuration.ts'

export interface SettingReference {
  readonly name: string
  /** What a value has to be. */
  readonly form: string
  /** Absent: the setting must be given. */
  readonly byDefault?: unknown
  readonly example?: unknown
  readonly documentation: string
}

export function referenceOf(table: SettingTable): readonly SettingReference[] {
  return Object.entries(table).map(([name, setting]) => describe(name, setting))
}

function describe(
  name: string,
  { shape, byDefault, example, documentation }: Setting<unknown>,
): SettingReference {
  return {
    name,
    form: formOf(shape),
    ...(byDefault === undefined ? {} : { byDefault }),
    ...(example === undefined ? {} : { example }),
    documentation,
  }
}

/** A shape is a function, and what it expects stands in its refusals: of a value of no kind, then of a text too long. */
function formOf(shape: Shape<unknown>): string {
  const form = refusalOf(shape, undefined)
  return form === 'a string' ? refusalOf(shape, 'x'.repeat(1_000_000)) : form
}

function refusalOf(shape: Shape<unknown>, value: unknown): string {
  try {
    shape(value)
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*?: expected /, '') : 'unreadable'
  }
  return 'anything'
}
