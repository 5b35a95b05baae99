/** One measured figure beside what it is compared with, both from the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, by name. */
  readonly reference: string
  /** value / reference; how to read it is in the name of the reference. */
  readonly ratio: number
}

/** A reference is a figure without a reference of its own. */
export function reference(name: string, value: number, unit: string): Figure {
  return { name, value, unit, reference: '', ratio: 1 }
}

export function compared(name: string, value: number, to: Figure): Figure {
  return { name, value, unit: to.unit, reference: to.name, ratio: value / to.value }
}

const DETAIL = '  '

/**
 * The same, each understood by itself: the table indents a detail below the figure that it belongs to, elsewhere it
 * carries that name.
 */
export function selfContained(figures: readonly Figure[]): readonly Figure[] {
  return figures.map((figure, i) => {
    const head = figures.slice(0, i + 1).findLast(({ name }) => !name.startsWith(DETAIL))?.name
    const named = (name: string) => (name.startsWith(DETAIL) ? `${head}: ${name.trim()}` : name)
    return { ...figure, name: named(figure.name), reference: named(figure.reference) }
  })
}

/** A table for people. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, reference: to, ratio }) => [
    name,
    `${round(value)} ${unit}`,
    to === '' ? '' : `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)} × ${to.trim()}`,
  ])
  const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(([name = '', value = '', to = '']) =>
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${to}`.trimEnd(),
    )
    .join('\n')
}

function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 1 ? 1 : 3
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
