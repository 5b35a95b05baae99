/** All cells; a new format is a file of its own and a line here. */
import { asicCells } from './asic.ts'
import { cadesCells } from './cades.ts'
import type { Cell } from './cell.ts'
import { jadesCells } from './jades.ts'
import { padesCells } from './pades.ts'
import { xadesCells } from './xades.ts'

export const CELLS: readonly Cell[] = [
  ...padesCells,
  ...cadesCells,
  ...jadesCells,
  ...xadesCells,
  ...asicCells,
]
