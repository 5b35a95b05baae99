/** digidoc4j, which states have for their containers: ASiC-E with XAdES, and of that what lasts. */
import { commandOf, versionInPom } from '../../setup/java.ts'
import type { Judge } from '../judge.ts'

const LASTING = { 'B-LT': 'LT', 'B-LTA': 'LTA' } as const

const program = { folder: import.meta.dirname, source: 'Judge.java' } as const

export const digidoc4j: Judge = {
  name: 'digidoc4j',
  version: versionInPom(program.folder),
  judges: 'ASiC-E with XAdES from B-LT on',
  isAsked: ({ format, container, level, later }) =>
    format === 'ASiC with XAdES' && container === 'ASiC-E' && level in LASTING && later !== true,
  command: home => commandOf(home, program),
  accepts: ({ indication, level, validContainer }, cell) =>
    indication === 'TOTAL_PASSED' && validContainer === true && level === LASTING[cell.level as 'B-LT'],
  word: ({ indication, subIndication, level, validContainer }) =>
    [
      [indication, subIndication].filter(part => part !== null).join(' '),
      level,
      ...(validContainer === false ? ['the container is not valid'] : []),
    ].join(', '),
  limits: [],
}
