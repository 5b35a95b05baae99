/**
 * How many time-stamps one signature may have. All that an archive time-stamp covers is hashed before anybody knows who
 * made it, once for each (threats.md, 13: nobody's input takes minutes).
 */
import { ValidationEnded } from './verdict.ts'

// Renewed every third year, a signature of today has fewer in a century.
const MAX_TIME_STAMPS = 32

/** @throws ValidationEnded FORMAT_FAILURE */
export function checkCountOfTimeStamps(count: number): void {
  if (count > MAX_TIME_STAMPS) throw new ValidationEnded('FORMAT_FAILURE', 'too many time-stamps')
}
