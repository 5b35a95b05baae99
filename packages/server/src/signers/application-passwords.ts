/**
 * Application passwords: what software shows at `auth/login` in the name of a signer (CSC API v2.0.0.2, 11.2).
 *
 * A signer makes one for each program, on his account page, and sees it once. It opens the service, and approves nothing. It
 * has 160 random bits, so nobody guesses it, with the database or without, and a digest of it is enough. Guesses are counted
 * all the same, by the name that was given and whether anybody has it or not, and told to the operator; whoever guesses learns
 * neither, and locks nobody out.
 */
import { randomBytes } from 'node:crypto'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest, createHandle } from '../signing/bearer.ts'
import type { ApplicationPassword, ApplicationPasswordRepository } from '../storage/application-passwords.ts'
import type { LogInFailureRepository } from '../storage/log-in-failures.ts'
import type { NoticeRepository } from '../storage/notices.ts'
import type { OAuthRecordRepository } from '../storage/oauth-records.ts'

const BYTES = 20
const MAX_PER_SIGNER = 20
/** Then the operator is told, and no more are counted for a while. */
const MAX_FAILURES = 10
const WINDOW_SECONDS = 300

export interface ApplicationPasswords {
  list(signerId: string): Promise<readonly ApplicationPassword[]>
  /** The password. @param label what its owner calls it @throws Refusal `passwords-too-many` */
  make(signerId: string, label: string): Promise<string>
  /** With all that it opened. @throws Refusal `password-unknown` */
  remove(signerId: string, passwordId: string): Promise<void>
  /** All of a signer's. */
  removeAll(signerId: string): Promise<void>
  /** @throws Refusal `log-in-refused` */
  check(user: string, password: string): Promise<ApplicationPassword>
  /** What it opened ends with it. @param expiresAt seconds @throws Refusal `log-in-refused` when it was removed meanwhile */
  opened(password: ApplicationPassword, grantId: string, expiresAt: number): Promise<void>
}

export interface ApplicationPasswordParts {
  readonly applicationPasswords: ApplicationPasswordRepository
  readonly logInFailures: LogInFailureRepository
  readonly oauthRecords: OAuthRecordRepository
  readonly notices: NoticeRepository
  readonly clock: Clock
  readonly onGuesses: () => void
}

export function createApplicationPasswords(parts: ApplicationPasswordParts): ApplicationPasswords {
  const { applicationPasswords: passwords, oauthRecords, notices, clock } = parts
  const remove = async (signerId: string, passwordId: string) => {
    const grants = await passwords.remove(signerId, passwordId)
    if (grants === undefined) throw new Refusal('password-unknown')
    for (const grant of grants) await oauthRecords.endGrant(grant)
  }
  return {
    list: signerId => passwords.belongingTo(signerId),
    async make(signerId, label) {
      if ((await passwords.belongingTo(signerId)).length >= MAX_PER_SIGNER) {
        throw new Refusal('passwords-too-many')
      }
      const password = randomBytes(BYTES).toString('base64url')
      const [password_id, now] = [createHandle(), epochSeconds(clock())]
      const password_digest = bearerDigest(password)
      await passwords.add({ password_id, signer_id: signerId, label, password_digest, created_at: now })
      const kind = 'application-password-made'
      await notices.add({ notice_id: password_id, signer_id: signerId, kind, at: now })
      return password
    },
    remove,
    async removeAll(signerId) {
      for (const { password_id } of await passwords.belongingTo(signerId)) await remove(signerId, password_id)
    },
    check: (user, password) => check(parts, user, password),
    opened: (password, grantId, expiresAt) => opened(parts, password, { grantId, expiresAt }),
  }
}

/** Who removes a password ends the grants that he finds; one that came after that is ended here. */
async function opened(
  { applicationPasswords, oauthRecords }: ApplicationPasswordParts,
  { password_id, password_digest }: ApplicationPassword,
  { grantId, expiresAt }: { readonly grantId: string; readonly expiresAt: number },
): Promise<void> {
  const grant = bearerDigest(grantId)
  await applicationPasswords.opened(password_id, grant, expiresAt)
  if ((await applicationPasswords.find(password_digest)) !== undefined) return
  await oauthRecords.endGrant(grant)
  throw new Refusal('log-in-refused')
}

/** Does the same for names that nobody has: one digest, and two look-ups by key. */
async function check(
  { applicationPasswords, logInFailures, clock, onGuesses }: ApplicationPasswordParts,
  user: string,
  given: string,
): Promise<ApplicationPassword> {
  const [userDigest, now] = [bearerDigest(user), epochSeconds(clock())]
  const failures = await logInFailures.count(userDigest, now)
  const password = await applicationPasswords.find(bearerDigest(given))
  if (password?.signer_id === user) {
    if (failures > 0) await logInFailures.forget(userDigest)
    return password
  }
  if (failures < MAX_FAILURES) await logInFailures.add(userDigest, now, WINDOW_SECONDS)
  if (failures + 1 === MAX_FAILURES) onGuesses()
  throw new Refusal('log-in-refused')
}
