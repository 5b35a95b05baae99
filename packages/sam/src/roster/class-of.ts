/** A class of the roster as it is now. */
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** @throws Refusal `class-unknown` */
export function classOf({ roster }: Pick<Sam, 'roster'>, classId: string): CredentialClass {
  const found = roster.classes.find(({ id }) => id === classId)
  if (found === undefined) throw refuse('class-unknown')
  return found
}
