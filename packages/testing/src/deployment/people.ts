/** Passkeys of people who are to be in the roster. */
import { personStatement, type Registration } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator } from '../authenticator/index.ts'
import { challengeOf } from './ceremonies.ts'
import { saveDevice } from './devices.ts'
import { APPROVAL_HOST, type Plan, urlsOf } from './plan.ts'

/** A passkey registered at the approval origin for a place in the roster; its device is kept under the person's id. */
export function registerPerson(directory: string, plan: Plan, personId: string): Registration {
  const device = createSoftwareAuthenticator()
  const challenge = challengeOf(personStatement(plan.name, personId))
  const origin = urlsOf(plan).approval
  const { registration } = device.register({ rpId: APPROVAL_HOST, origin, challenge })
  saveDevice(directory, personId, device)
  return registration
}
