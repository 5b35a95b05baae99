/** Puts the server together: storage, peers, domain, authorization server, routes. Nothing here decides. */

import { guardedExchange } from '@natsuin/ades/node'
import { type Edition, editions } from '@natsuin/protocol/csc'
import { ConfigurationError, meteredConnection, type ReadinessChecks } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type Clock, epochSeconds } from './clock.ts'
import type { ServerConfiguration } from './config/load.ts'
import type { Services } from './csc/method.ts'
import { implementedMethods } from './csc/methods.ts'
import { BASE_PATHS, cscRoutes } from './csc/routes.ts'
import { codeDelivery } from './delivery/deliver.ts'
import { createAuthorityDirectory } from './documents/authority-directory.ts'
import { type DocumentThreads, startDocumentThreads } from './documents/document-threads.ts'
import { createDocumentWorker, DOCUMENTS } from './documents/document-worker.ts'
import { createDocumentSigner } from './documents/sign-documents.ts'
import { createSigningTimes } from './documents/signing-times.ts'
import { openSpool, type Spool } from './documents/spool.ts'
import { createTimeStamps } from './documents/time-stamps.ts'
import { accountRoutesFor } from './http/account-page.ts'
import { administrationRoutes } from './http/administration.ts'
import { createApp } from './http/app.ts'
import { approvalRoutes } from './http/approvals.ts'
import { accountPageRoutes, authenticatorRoutes } from './http/authenticators.ts'
import { type AccessOf, type ActAccessOf, holderReader, presenter } from './http/authorization.ts'
import { createClientCertificates } from './http/client-certificates.ts'
import { allowAnyOrigin, allowOrigin } from './http/cors.ts'
import { providerAnswerRoutes, providerChoiceRoutes } from './http/delegated-log-ins.ts'
import { enrolmentRoutes, grantRoutes } from './http/enrolments.ts'
import { answerInCodes, answerInWordsOf } from './http/errors.ts'
import { admit, countedTokens } from './http/limits.ts'
import { accountRoutes, logInRoutes } from './http/log-in.ts'
import { logoRoute } from './http/logo.ts'
import { natsuinRoutes } from './http/natsuin.ts'
import { pageRoutes } from './http/pages.ts'
import { offerNonces } from './http/proof-nonces.ts'
import { providerLogOutRoute } from './http/provider-log-outs.ts'
import { sealRoutes } from './http/seals.ts'
import { countRequests, observePeer, type ServerMetrics } from './metrics.ts'
import { createAccessTokens } from './oauth/access-tokens.ts'
import { createClientRegistry } from './oauth/client-registry.ts'
import { createProofNonces } from './oauth/dpop/nonces.ts'
import { createProofs } from './oauth/dpop/proofs.ts'
import { Interactions, interactionUrl, mayResume } from './oauth/interactions.ts'
import { createLevelFloor, problemsOfProfile } from './oauth/level-floor.ts'
import { createLogInTokens, type LogInTokens } from './oauth/log-in-tokens.ts'
import { mountProvider } from './oauth/mount.ts'
import { createProvider } from './oauth/provider.ts'
import { createSealApprovals, type SealApprovals } from './oauth/seal-approvals.ts'
import { createTokenRevocation } from './oauth/token-revocation.ts'
import { openApiRoutes } from './openapi/routes.ts'
import { type OutageListener, type StoreListeners, withPeerOutages, withStoreOutages } from './outages.ts'
import type { Secrets } from './secrets/secrets.ts'
import { createAccountSessions } from './signers/account-sessions.ts'
import { createApplicationPasswords } from './signers/application-passwords.ts'
import { createAuthenticators } from './signers/authenticators.ts'
import { connectAuthorities } from './signers/authorities.ts'
import { createDelegatedLogIns } from './signers/delegated-log-ins.ts'
import { createEnrolments } from './signers/enrolment.ts'
import { createGrants } from './signers/grants.ts'
import { createLogInPasskeys } from './signers/log-in-passkeys.ts'
import { createLogInProviders } from './signers/log-in-providers.ts'
import { createActivations } from './signing/activations.ts'
import { createApprovals } from './signing/approvals.ts'
import { createCredentials } from './signing/credentials.ts'
import { createExplicitApprovals } from './signing/explicit.ts'
import { createHashWorker, HASHES } from './signing/hash-worker.ts'
import { createModuleAlgorithms } from './signing/module-algorithms.ts'
import { createOutOfBandApprovals, isOutOfBand } from './signing/out-of-band.ts'
import { createResponseFiles } from './signing/response-files.ts'
import { createResponses } from './signing/responses.ts'
import { connectSam } from './signing/sam.ts'
import { createSealer } from './signing/sealer.ts'
import { createSealedApprovals } from './signing/seals.ts'
import { createSentCodes } from './signing/sent-codes.ts'
import type { Database } from './storage/database.ts'
import { forgetExpired } from './storage/expired.ts'
import type { Notice } from './storage/notices.ts'
import { type Repositories, repositoriesOver } from './storage/repositories.ts'

export interface Environment {
  readonly configuration: ServerConfiguration
  readonly secrets: Secrets
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: ServerMetrics
  readonly onUntrustedDisk: StoreListeners['onUntrustedDisk']
}

export interface Service {
  readonly app: FastifyInstance
  /** @throws ConfigurationError when the SAM says that it is for another deployment than this is configured for */
  checkProfile(): Promise<void>
  /** Finishes enrolments that an earlier process began. */
  resume(): Promise<void>
  /** Whether it can do its work: its database and both peers answer. */
  readonly readiness: ReadinessChecks
  /** Forgets what has expired. To be called now and then. */
  tidy(): Promise<void>
  close(): Promise<void>
}

export async function createService(environment: Environment): Promise<Service> {
  const { configuration, database, log, metrics, onUntrustedDisk } = environment
  const onOutage: OutageListener = (code, err) => log.warn({ err, refusal: code }, 'outage')
  const repositories = withStoreOutages(repositoriesOver(database), { onOutage, onUntrustedDisk })
  const sam = withPeerOutages(
    meteredConnection(connectSam(configuration.sam), observePeer(metrics, 'sam')),
    onOutage,
  )
  const authorities = withPeerOutages(
    meteredConnection(connectAuthorities(configuration.authorities), observePeer(metrics, 'authorities')),
    onOutage,
  )
  const spool = await openSpool(configuration.documentsDirectory)
  const threads = startDocumentThreads()
  const domain = createDomain(environment, repositories, { sam, authorities, spool, threads })
  const { provider, interactions, seals, logInTokens } = createAuthorization(
    environment,
    repositories,
    domain,
  )
  const app = createApp(log, configuration)
  countRequests(app, metrics)
  mountProvider(app, provider, configuration.publicUrl)
  await mountApis(app, environment, { ...domain, seals, logInTokens })
  await mountPages(app, environment, domain, interactions)
  return {
    app,
    readiness: {
      store: async () => (await sql`select 1`.execute(database.tables)).rows.length === 1,
      sam: async () => (await sam.call('info', {})).samKey.length > 0,
      authorities: async () => (await authorities.call('info', {})) !== undefined,
    },
    async checkProfile() {
      try {
        const problems = problemsOfProfile(configuration.profile, await sam.call('info', {}))
        if (problems.length > 0) throw new ConfigurationError(problems)
      } catch (error) {
        // Requests for level 3 ask again, and there are none without the SAM.
        if (!(error instanceof Refusal)) throw error
      }
    },
    async resume() {
      domain.responses.start()
      const finished = await domain.enrolments.resume()
      if (finished > 0) log.info({ finished }, 'enrolments finished')
    },
    tidy: () => forgetExpired(database.tables, epochSeconds(environment.clock())),
    async close() {
      await app.close()
      await domain.responses.close()
      await threads.close()
      await spool.close()
      sam.close()
      authorities.close()
      await database.close()
    },
  }
}

/** A proof is good for one look, and who sends documents is looked at before they are read. */
function oncePerRequest(accessOf: AccessOf): AccessOf {
  const known = new WeakMap<FastifyRequest, ReturnType<AccessOf>>()
  return request => {
    const access = known.get(request) ?? accessOf(request)
    known.set(request, access)
    return access
  }
}

/** That it has ended is all that is told; what came of it the client asks for. */
const NOTIFICATION = { contentType: 'application/json', accept: 'application/json', maxBytes: 64 * 1024 }

type Peers = {
  sam: ReturnType<typeof connectSam>
  authorities: ReturnType<typeof connectAuthorities>
  spool: Spool
  threads: DocumentThreads
}
type Domain = ReturnType<typeof createDomain>

function createDomain({ configuration, secrets, clock, log }: Environment, all: Repositories, peers: Peers) {
  const { sam, authorities, spool, threads } = peers
  const sealer = createSealer(secrets.sealingKey)
  const credentials = createCredentials(all.credentials, clock)
  const { name, publicUrl: origin, ownHosts } = configuration
  const passkeys = createLogInPasskeys({ ...all, name, origin, clock })
  const revocation = { sam, authorities, credentials, records: all.credentials, clock }
  const onNotice = ({ signer_id: signerId, kind }: Notice) => log.info({ signerId, kind }, 'notice')
  const activations = createActivations({ ...all, sam, sealer })
  const directory = createAuthorityDirectory(authorities, { clock, ownHosts })
  const documentSigner = createDocumentSigner({ threads, activations, authorities: directory })
  const exchange = guardedExchange({ ownHosts, isNotification: true })
  const responses = createResponses({
    responses: all.responses,
    files: createResponseFiles(all.responses, sealer),
    sealer,
    clock,
    workers: {
      [HASHES]: createHashWorker(activations, all.activations),
      [DOCUMENTS]: createDocumentWorker({ ...all, signer: documentSigner, spool }),
    },
    notify: async (url, body) => void (await exchange({ ...NOTIFICATION, url, body })),
    onFault: err => log.error({ err }, 'fault of an asynchronous request'),
  })
  const proofs = createProofs({ ...all, nonces: createProofNonces(secrets.proofNonceKey, clock), clock })
  const onUnusable = (clientId: string, problems: readonly string[]) =>
    log.warn({ clientId, problems }, 'registration not usable')
  const clients = createClientRegistry({ ...configuration, clock, onUnusable })
  const approvals = createApprovals({ sam, approvals: all.approvals, clock })
  const passwords = createApplicationPasswords({
    ...all,
    clock,
    // Not whose: whoever guesses may say any name.
    onGuesses: () => log.warn('application passwords are being guessed'),
  })
  const sentCodes = createSentCodes({
    ...all,
    sam,
    clock,
    deliver: codeDelivery(configuration.codeDelivery, name),
    // Not the message: it names the address.
    onUndelivered: cause => log.warn({ reason: String(Object(cause).code) }, 'code not delivered'),
  })
  const logInProviders = createLogInProviders({ ...configuration, now: () => clock().getTime() })
  const { logInKey } = secrets
  return {
    sam,
    clients,
    levelFloor: createLevelFloor({ ...configuration, clients, sam }),
    passkeys,
    delegatedLogIns: createDelegatedLogIns({ ...all, providers: logInProviders, logInKey, clock }),
    sessions: createAccountSessions({ ...all, passkeys, clock }),
    authenticators: createAuthenticators({ ...all, sam, clock, onNotice }),
    credentials,
    accessTokens: countedTokens(
      createAccessTokens({ ...all, clients, proofs, logInProviders, clock }),
      configuration.limits.perMinute,
    ),
    proofs,
    clientCertificates: createClientCertificates(configuration.clientCertificates),
    approvals,
    activations,
    responses,
    spool,
    documentSigner,
    signingTimes: createSigningTimes(all.signingTimes, clock),
    sentCodes,
    explicit: createExplicitApprovals({ sam, activations, sentCodes }),
    outOfBand: createOutOfBandApprovals({
      ...configuration,
      approvals,
      approvalRecords: all.approvals,
      activations,
      finishKey: secrets.finishKey,
      waitSeconds: configuration.implicitWaitSeconds,
      clock,
    }),
    sealedApprovals: createSealedApprovals(sam),
    passwords,
    tokenRevocation: createTokenRevocation({ ...all, activations }),
    algorithms: createModuleAlgorithms(sam, clock),
    timeStamps: createTimeStamps(directory),
    enrolments: createEnrolments({ ...all, sam, authorities, clock }),
    grants: createGrants({ ...all, sam, revocation, passwords }),
    evidence: { sam, credentials, deliveredSignatures: all.deliveredSignatures },
    revocation,
  }
}

function createAuthorization(
  { configuration, secrets, clock }: Environment,
  all: Repositories,
  domain: Domain,
) {
  const { publicUrl, approvalOrigin, logInClient } = configuration
  const parts = {
    publicUrl,
    approvalOrigin,
    clock,
    approvals: domain.approvals,
    activations: domain.activations,
    approvalRecords: all.approvals,
    credentials: all.credentials,
    clients: domain.clients,
    levelFloor: domain.levelFloor,
    finishKey: secrets.finishKey,
  }
  const provider = createProvider({
    publicUrl,
    clients: domain.clients,
    cookieKeys: secrets.cookieKeys,
    jwks: { keys: [...secrets.jwks.keys] } as Parameters<typeof createProvider>[0]['jwks'],
    records: all.oauthRecords,
    accounts: all.accounts,
    usedIds: all.usedIds,
    proofs: domain.proofs,
    proofNonceKey: secrets.proofNonceKey,
    clientCertificates: domain.clientCertificates,
    clientAuthorities: configuration.clientAuthorities,
    clock,
    interactionUrl: (context, interaction) => interactionUrl(parts, context, interaction),
    mayResume: (uid, finish) => mayResume(parts, uid, finish),
  })
  const seals = createSealApprovals(provider, { publicUrl, clock, ...domain })
  const logInTokens =
    logInClient === undefined
      ? undefined
      : createLogInTokens(provider, { publicUrl, clientId: logInClient, passwords: domain.passwords, clock })
  return { provider, interactions: new Interactions(provider, parts), seals, logInTokens }
}

/** The bearer APIs. */
async function mountApis(
  app: FastifyInstance,
  { configuration, clock }: Environment,
  {
    seals,
    ...domain
  }: Domain & { readonly seals: SealApprovals; readonly logInTokens: LogInTokens | undefined },
) {
  const { publicUrl } = configuration
  const { clientCertificates, proofs } = domain
  const presentedBy = presenter(publicUrl, clientCertificates)
  const holderOf = holderReader(publicUrl, clientCertificates, proofs)
  const accessOf = oncePerRequest(async request =>
    admit(request, domain.accessTokens.read(presentedBy(request))),
  )
  const actAccessOf: ActAccessOf = async request =>
    admit(request, domain.accessTokens.readAct(presentedBy(request)))
  const services: Services = {
    ...domain,
    accessOf,
    actAccessOf,
    description: configuration,
    methods: specs => implementedMethods(specs, services),
    clock,
  }
  const bearerApi = (
    prefix: string,
    routes: (scope: FastifyInstance) => Promise<void>,
    edition: Edition = 'v2',
  ) =>
    app.register(
      async scope => {
        scope.setErrorHandler(answerInWordsOf(edition))
        await allowAnyOrigin(scope)
        offerNonces(scope, domain.proofs)
        await routes(scope)
      },
      { prefix },
    )
  for (const edition of editions) {
    for (const path of BASE_PATHS) await bearerApi(`${path}${edition}`, cscRoutes(edition, services), edition)
  }
  await app.register(async scope => {
    await allowAnyOrigin(scope)
    await scope.register(openApiRoutes(services))
  })
  await bearerApi('/natsuin/v1', natsuinRoutes({ ...domain, accessOf }))
  await bearerApi('/natsuin/v1/seals', sealRoutes(seals, holderOf))
  await app.register(providerLogOutRoute(domain.sam), { prefix: '/identity-providers' })
}

/** What the approval page and our own pages call, and the pages themselves. */
async function mountPages(
  app: FastifyInstance,
  { configuration }: Environment,
  domain: Domain,
  interactions: Interactions,
) {
  const { publicUrl, approvalOrigin, webRoot, logInClient } = configuration
  const page = (prefix: string, routes: (scope: FastifyInstance) => Promise<void>, origin?: string) =>
    app.register(
      async scope => {
        scope.setErrorHandler(answerInCodes)
        if (origin !== undefined) await allowOrigin(scope, origin)
        await routes(scope)
      },
      { prefix },
    )
  const partyOf = (uid: string) => (isOutOfBand(uid) ? domain.outOfBand : interactions)
  await page('/approvals', approvalRoutes(domain.approvals, partyOf), approvalOrigin)
  await page('/enrolments', enrolmentRoutes(domain.enrolments, publicUrl), approvalOrigin)
  await page('/grants', grantRoutes(domain.grants), approvalOrigin)
  await page('/administration', administrationRoutes(domain.sam), approvalOrigin)
  const { delegatedLogIns } = domain
  await page('/login', logInRoutes({ ...domain, interactions, offered: delegatedLogIns.offered }))
  await page('/login', providerChoiceRoutes({ delegatedLogIns, interactions, publicUrl }))
  await page('/log-in', providerAnswerRoutes({ delegatedLogIns, interactions, publicUrl }))
  await page('/account', accountRoutes(domain.passkeys))
  await page('/account', accountPageRoutes({ ...domain, approvalOrigin }))
  await page('/account', accountRoutesFor({ ...domain, offersPasswords: logInClient !== undefined }))
  await page('/authenticators', authenticatorRoutes(domain.authenticators, publicUrl), approvalOrigin)
  await app.register(logoRoute)
  if (webRoot !== undefined) await app.register(pageRoutes(webRoot))
}
