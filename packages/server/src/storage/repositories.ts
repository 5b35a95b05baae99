/** All repositories over one database. The domain takes the interfaces; only `main` calls this. */
import { type AccessRepository, accessRepository } from './access.ts'
import { type AccountSessionRepository, accountSessionRepository } from './account-sessions.ts'
import { type AccountRepository, accountRepository } from './accounts.ts'
import { type ActivationRepository, activationRepository } from './activations.ts'
import { type ApplicationPasswordRepository, applicationPasswordRepository } from './application-passwords.ts'
import { type ApprovalRepository, approvalRepository } from './approvals.ts'
import { type AuthenticatorChangeRepository, authenticatorChangeRepository } from './authenticator-changes.ts'
import { type CredentialRepository, credentialRepository } from './credentials.ts'
import type { Database } from './database.ts'
import { type DelegatedLogInRepository, delegatedLogInRepository } from './delegated-log-ins.ts'
import { type DeliveredSignatureRepository, deliveredSignatureRepository } from './delivered-signatures.ts'
import { type EnrolmentRepository, enrolmentRepository } from './enrolments.ts'
import { type LogInFailureRepository, logInFailureRepository } from './log-in-failures.ts'
import { type LogInLinkRepository, logInLinkRepository } from './log-in-links.ts'
import { type LogInRepository, logInRepository } from './log-ins.ts'
import { type NoticeRepository, noticeRepository } from './notices.ts'
import { type OAuthRecordRepository, oauthRecordRepository } from './oauth-records.ts'
import { type ResponseRepository, responseRepository } from './responses.ts'
import { type SentCodeRepository, sentCodeRepository } from './sent-codes.ts'
import { type SigningTimeRepository, signingTimeRepository } from './signing-times.ts'
import { type UsedIdRepository, usedIdRepository } from './used-ids.ts'

export interface Repositories {
  readonly access: AccessRepository
  readonly accounts: AccountRepository
  readonly logIns: LogInRepository
  readonly accountSessions: AccountSessionRepository
  readonly authenticatorChanges: AuthenticatorChangeRepository
  readonly notices: NoticeRepository
  readonly enrolments: EnrolmentRepository
  readonly credentials: CredentialRepository
  readonly approvals: ApprovalRepository
  readonly activations: ActivationRepository
  readonly deliveredSignatures: DeliveredSignatureRepository
  readonly oauthRecords: OAuthRecordRepository
  readonly responses: ResponseRepository
  readonly signingTimes: SigningTimeRepository
  readonly usedIds: UsedIdRepository
  readonly sentCodes: SentCodeRepository
  readonly applicationPasswords: ApplicationPasswordRepository
  readonly logInFailures: LogInFailureRepository
  readonly logInLinks: LogInLinkRepository
  readonly delegatedLogIns: DelegatedLogInRepository
}

export function repositoriesOver(database: Database): Repositories {
  const { tables } = database
  return {
    access: accessRepository(tables),
    accounts: accountRepository(tables),
    logIns: logInRepository(tables),
    accountSessions: accountSessionRepository(tables),
    authenticatorChanges: authenticatorChangeRepository(tables),
    notices: noticeRepository(tables),
    enrolments: enrolmentRepository(tables),
    credentials: credentialRepository(tables),
    approvals: approvalRepository(tables),
    activations: activationRepository(tables),
    deliveredSignatures: deliveredSignatureRepository(database),
    oauthRecords: oauthRecordRepository(tables),
    responses: responseRepository(database),
    signingTimes: signingTimeRepository(tables),
    usedIds: usedIdRepository(tables),
    sentCodes: sentCodeRepository(tables),
    applicationPasswords: applicationPasswordRepository(tables),
    logInFailures: logInFailureRepository(tables),
    logInLinks: logInLinkRepository(tables),
    delegatedLogIns: delegatedLogInRepository(tables),
  }
}
