/** One thing that is tried on a token. */
import type { SessionOperations } from '../session-operations.ts'
import type { Token } from '../token.ts'
import type { Finding } from './finding.ts'

/** Where a probe works. */
export interface ProbePlace {
  readonly on: SessionOperations
  readonly token: Token
}

export interface Probe extends Pick<Finding, 'id' | 'what' | 'from'> {
  /**
   * Tries it, and leaves nothing behind; may say how it went. @throws Lacking when the token does not have it;
   * what the token says
   */
  ask(place: ProbePlace): Promise<string | undefined>
}

/** The token does what it should not do, or not what it should. */
export class Lacking extends Error {}
