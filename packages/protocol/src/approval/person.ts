/**
 * What people of the roster register their passkeys over: the deployment, and whose passkey it is to be.
 *
 * Nothing is believed because of these bytes alone. They keep a registration that was made in one name, or for one
 * deployment, from being used for another; who the person is, those know who admit him.
 */
import { utf8 } from '@natsuin/pki/encoding'

/** The bytes whose SHA-256 is the challenge of the registration. */
export function personStatement(deployment: string, personId: string): Uint8Array<ArrayBuffer> {
  return utf8(`natsuin-person-v1\n${deployment}\n${personId}`)
}
