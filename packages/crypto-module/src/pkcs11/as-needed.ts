/** Messages stay where they are when the token is asked about digests; they have been compared (check-digest.ts). */
import { signsMessages } from '@natsuin/pki/algorithms'
import type { DigestToSign } from '../module.ts'

export function asNeeded({ algorithm, digest, message }: DigestToSign): DigestToSign {
  return message !== undefined && signsMessages(algorithm)
    ? { algorithm, digest, message }
    : { algorithm, digest }
}
