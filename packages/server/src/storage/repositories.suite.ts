/** What every database must do for us; run against each of them. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { CredentialRecord } from './credentials.ts'
import { type Database, type DatabaseLocation, openDatabase } from './database.ts'
import { forgetExpired } from './expired.ts'
import { migrate } from './migrations.ts'
import type { OAuthRecord } from './oauth-records.ts'
import { type Repositories, repositoriesOver } from './repositories.ts'
import type { ResponseRecord } from './responses.ts'

const NOW = 1_800_000_000
const RACERS = 20

const fresh = () => randomBytes(8).toString('hex')
const countTrue = async (attempts: readonly Promise<boolean>[]) =>
  (await Promise.all(attempts)).filter(Boolean).length

export function repositoriesSuite(name: string, locate: () => Promise<DatabaseLocation>): void {
  describe(`repositories on ${name}`, () => {
    let location: DatabaseLocation
    let database: Database
    let all: Repositories
    before(async () => {
      location = await locate()
      database = openDatabase(location)
      await migrate(database)
      all = repositoriesOver(database)
    })
    after(() => database.close())

    const account = async () => {
      const signerId = fresh()
      await all.accounts.ensure({ signer_id: signerId, name: '山田 太郎', created_at: NOW })
      return signerId
    }
    const credential = (signerId: string, members: Partial<CredentialRecord> = {}): CredentialRecord => ({
      credential_id: fresh(),
      signer_id: signerId,
      key_type: 'ec-p256',
      level: 1,
      max_signatures: 100,
      approvals: '["passkey"]',
      certificates: '["AA=="]',
      not_before: NOW,
      not_after: NOW + 1000,
      created_at: NOW,
      revoked_at: null,
      deleted_at: null,
      ...members,
    })
    const openApproval = () => ({
      handle_digest: fresh(),
      uid: fresh(),
      ticket: 'a.b.c',
      allow: '[]',
      client_id: 'app',
      credential_id: 'c',
      request: '{}',
      state: 'open' as const,
      expires_at: NOW + 300,
      signer_id: null,
      bound_to: null,
      request_object: 'a.b.c',
    })
    const record = (members: Partial<OAuthRecord> = {}): OAuthRecord => ({
      model: 'AccessToken',
      id_digest: fresh(),
      grant_digest: null,
      payload: '{"accountId":"a"}',
      expires_at: NOW + 60,
      consumed_at: null,
      ...members,
    })

    it('is migrated twice without harm, by two processes at once', async () => {
      const other = openDatabase(location)
      await Promise.all([migrate(database), migrate(other)])
      await other.close()
    })

    it('keeps what was committed for who opens the database next', async () => {
      const signerId = await account()
      const other = openDatabase(location)
      const found = await repositoriesOver(other).accounts.find(signerId)
      assert.deepEqual({ ...found }, { signer_id: signerId, name: '山田 太郎', created_at: NOW })
      await other.close()
    })

    it('leaves an account that is there as it is', async () => {
      const signerId = await account()
      await all.accounts.ensure({ signer_id: signerId, name: 'somebody else', created_at: NOW + 1 })
      assert.equal((await all.accounts.find(signerId))?.name, '山田 太郎')
    })

    it('returns the bytes of a passkey and moves its counter on once per value', async () => {
      const signerId = await account()
      const passkey = {
        passkey_id: fresh(),
        signer_id: signerId,
        public_key: new Uint8Array(randomBytes(77)),
        counter: 5,
        created_at: NOW,
      }
      await all.accounts.addPasskey(passkey)
      const found = await all.accounts.findPasskey(passkey.passkey_id)
      assert.deepEqual({ ...found, public_key: new Uint8Array(found?.public_key ?? []) }, passkey)
      assert.equal(await all.accounts.countPasskeys(signerId), 1)
      const advance = () => all.accounts.advanceCounter(passkey.passkey_id, 5, 6)
      assert.equal(await countTrue(Array.from({ length: RACERS }, advance)), 1)
    })

    it('refuses a second passkey of the same id', async () => {
      const signerId = await account()
      const passkey = {
        passkey_id: fresh(),
        signer_id: signerId,
        public_key: Uint8Array.of(1),
        counter: 0,
        created_at: NOW,
      }
      await all.accounts.addPasskey(passkey)
      await assert.rejects(all.accounts.addPasskey(passkey))
    })

    it('gives a log-in challenge to one answer only, and none when it is too late', async () => {
      const uid = fresh()
      await all.logIns.begin({ uid, challenge: 'old', expires_at: NOW + 10 })
      await all.logIns.begin({ uid, challenge: 'new', expires_at: NOW + 10 })
      const taken = await Promise.all(Array.from({ length: RACERS }, () => all.logIns.take(uid, NOW)))
      assert.deepEqual(
        taken.filter(Boolean).map(ceremony => ceremony?.challenge),
        ['new'],
      )
      await all.logIns.begin({ uid, challenge: 'late', expires_at: NOW })
      assert.equal(await all.logIns.take(uid, NOW), undefined)
    })

    it('spends an account token once, and only with its newest challenge', async () => {
      const token = {
        token_digest: fresh(),
        signer_id: await account(),
        challenge: null,
        expires_at: NOW + 10,
        spent_at: null,
      }
      const { token_digest: digest } = token
      await all.logIns.addAccountToken(token)
      await all.logIns.challengeAccountToken(digest, 'first', NOW)
      assert.equal(
        (await all.logIns.challengeAccountToken(digest, 'second', NOW))?.signer_id,
        token.signer_id,
      )
      assert.equal(await all.logIns.spendAccountToken(digest, 'first', NOW), false)
      const spend = () => all.logIns.spendAccountToken(digest, 'second', NOW)
      assert.equal(await countTrue(Array.from({ length: RACERS }, spend)), 1)
      assert.equal(await all.logIns.findAccountToken(digest, NOW), undefined)
      assert.equal(await all.logIns.challengeAccountToken(digest, 'third', NOW), undefined)
    })

    it('does not know an account token that expired', async () => {
      const token = {
        token_digest: fresh(),
        signer_id: await account(),
        challenge: null,
        expires_at: NOW,
        spent_at: null,
      }
      await all.logIns.addAccountToken(token)
      assert.equal(await all.logIns.findAccountToken(token.token_digest, NOW), undefined)
      assert.ok(await all.logIns.findAccountToken(token.token_digest, NOW - 1))
    })

    it('takes the steps of an enrolment in their order and keeps the first answer to each', async () => {
      const grantId = fresh()
      const step = async () => (await all.enrolments.submit(grantId, 'other', NOW)).state
      assert.equal((await all.enrolments.submit(grantId, 'digest', NOW)).state, 'submitted')
      await all.enrolments.issued(grantId, '[]', NOW)
      assert.equal(await step(), 'submitted')
      await all.enrolments.enrolled(grantId, '{"first":true}', NOW)
      await all.enrolments.enrolled(grantId, '{"second":true}', NOW)
      assert.equal((await all.enrolments.submit(grantId, 'digest', NOW)).enrolled, '{"first":true}')
      assert.ok((await all.enrolments.unfinished()).some(({ grant_id }) => grant_id === grantId))
      await all.enrolments.issued(grantId, '["AA=="]', NOW)
      await all.enrolments.linked(grantId, NOW)
      assert.equal(await step(), 'linked')
      assert.ok(!(await all.enrolments.unfinished()).some(({ grant_id }) => grant_id === grantId))
    })

    it('exchanges a submission until the SAM has answered, and not after', async () => {
      const grantId = fresh()
      await all.enrolments.submit(grantId, 'one', NOW)
      assert.equal(await all.enrolments.replaceSubmission(grantId, 'two', NOW), true)
      await all.enrolments.enrolled(grantId, '{}', NOW)
      assert.equal(await all.enrolments.replaceSubmission(grantId, 'three', NOW), false)
      assert.equal((await all.enrolments.submit(grantId, 'three', NOW)).submission_digest, 'two')
    })

    it("lists a signer's credentials only, and revokes once", async () => {
      const [alice, bob] = [await account(), await account()]
      const [first, second] = [credential(alice), credential(alice, { created_at: NOW + 1 })]
      for (const made of [second, first, credential(bob)]) await all.credentials.ensure(made)
      await all.credentials.ensure({ ...first, level: 3 })
      assert.deepEqual(await all.credentials.belongingTo(alice), [first, second])
      await all.credentials.revoke(first.credential_id, NOW + 5)
      await all.credentials.revoke(first.credential_id, NOW + 9)
      assert.equal((await all.credentials.find(first.credential_id))?.revoked_at, NOW + 5)
    })

    it('closes an approval once, whoever is faster', async () => {
      const approval = openApproval()
      const { handle_digest: handle } = approval
      await all.approvals.add(approval)
      assert.deepEqual(await all.approvals.find(handle), approval)
      assert.deepEqual(await all.approvals.findByInteraction(approval.uid), approval)
      const outcomes = ['approved', 'declined'] as const
      const closings = outcomes.flatMap(outcome =>
        Array.from({ length: RACERS / 2 }, () => all.approvals.close(handle, outcome)),
      )
      assert.equal(await countTrue(closings), 1)
    })

    it('lists the approvals that a signer finds by himself, as long as he may answer them', async () => {
      const [signer_id, approval] = [fresh(), openApproval()]
      const own = { ...approval, signer_id }
      const later = { ...openApproval(), signer_id, expires_at: NOW + 400 }
      const closed = { ...openApproval(), signer_id }
      for (const one of [later, own, closed, openApproval()]) await all.approvals.add(one)
      await all.approvals.close(closed.handle_digest, 'declined')
      const open = await all.approvals.openOf(signer_id, NOW)
      assert.deepEqual(open, [own, later])
      assert.deepEqual(await all.approvals.openOf(signer_id, NOW + 300), [later])
    })

    it('keeps the ticket of the newest code for each credential and application', async () => {
      const [credential_id, client_id] = [fresh(), fresh()]
      const row = { credential_id, client_id, ticket: 'a.b.c', expires_at: NOW + 300 }
      await all.sentCodes.put(row)
      await all.sentCodes.put({ ...row, ticket: 'd.e.f' })
      assert.equal(await all.sentCodes.ticketOf(credential_id, client_id, NOW), 'd.e.f')
      assert.equal(await all.sentCodes.ticketOf(credential_id, client_id, NOW + 300), undefined)
      assert.equal(await all.sentCodes.ticketOf(credential_id, fresh(), NOW), undefined)
    })

    it('takes an application password away with what it opened, from its owner alone', async () => {
      const signer_id = await account()
      const password_id = fresh()
      const password = { password_id, signer_id, label: '請求書', password_digest: fresh(), created_at: NOW }
      await all.applicationPasswords.add(password)
      const grants = [fresh(), fresh()].sort()
      for (const grant of grants) await all.applicationPasswords.opened(password_id, grant, NOW + 60)
      assert.deepEqual({ ...(await all.applicationPasswords.find(password.password_digest)) }, password)
      const [own, ...others] = await all.applicationPasswords.belongingTo(signer_id)
      assert.deepEqual([{ ...own }, others], [password, []])
      assert.equal(await all.applicationPasswords.remove(await account(), password_id), undefined)
      const opened = await all.applicationPasswords.remove(signer_id, password_id)
      assert.deepEqual([...(opened ?? [])].sort(), grants)
      assert.equal(await all.applicationPasswords.remove(signer_id, password_id), undefined)
      assert.equal(await all.applicationPasswords.find(password.password_digest), undefined)
    })

    it('counts log-ins that failed, all of those at once, until their time is over', async () => {
      const user = fresh()
      assert.equal(await all.logInFailures.count(user, NOW), 0)
      await Promise.all(Array.from({ length: RACERS }, () => all.logInFailures.add(user, NOW, 300)))
      assert.equal(await all.logInFailures.count(user, NOW + 299), RACERS)
      assert.equal(await all.logInFailures.count(user, NOW + 300), 0)
      await all.logInFailures.add(user, NOW + 300, 300)
      assert.equal(await all.logInFailures.count(user, NOW + 300), 1)
      await all.logInFailures.forget(user)
      assert.equal(await all.logInFailures.count(user, NOW + 300), 0)
    })

    it('forgets a SAD for its client and its signer alone', async () => {
      const activation = {
        grant_digest: fresh(),
        sad_id: fresh(),
        sealed_sad: new Uint8Array(randomBytes(60)),
        signer_id: 's',
        credential_id: 'c',
        client_id: 'app',
        num_signatures: 1,
        expires_at: NOW + 60,
      }
      await all.activations.add(activation)
      const remove = (clientId: string, signers: readonly string[]) =>
        all.activations.remove(activation.grant_digest, { clientId, signers })
      assert.equal(await remove('other', ['s']), false)
      assert.equal(await remove('app', ['t']), false)
      assert.equal(await remove('app', []), false)
      assert.equal(await remove('app', ['t', 's']), true)
      assert.equal(await all.activations.find(activation.grant_digest), undefined)
    })

    it('finds the activation that made a signature, by credential and value', async () => {
      const digests = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
      const rows = digests.map((digest, position) => ({
        digest,
        credential_id: 'c',
        activation_id: 'act',
        position,
      }))
      await Promise.all([all.deliveredSignatures.add(rows), all.deliveredSignatures.add(rows.slice(1))])
      const found = await all.deliveredSignatures.find('c', digests[1] ?? new Uint8Array())
      assert.equal(found?.activation_id, 'act')
      assert.equal(found?.position, 1)
      assert.equal(await all.deliveredSignatures.find('other', digests[1] ?? new Uint8Array()), undefined)
    })

    it('lets one caller consume a record, and never forgets that it was', async () => {
      const code = record({ model: 'AuthorizationCode' })
      await all.oauthRecords.put(code)
      const consume = () => all.oauthRecords.consume(code.model, code.id_digest, NOW)
      assert.equal(await countTrue(Array.from({ length: RACERS }, consume)), 1)
      await all.oauthRecords.put({ ...code, payload: '{"again":true}' })
      const found = await all.oauthRecords.find(code.model, code.id_digest)
      assert.equal(found?.consumed_at, NOW)
      assert.equal(found?.payload, '{"again":true}')
    })

    it('keeps models apart and removes a whole grant', async () => {
      const grant = fresh()
      const token = record({ grant_digest: grant })
      const code = record({ model: 'AuthorizationCode', grant_digest: grant, id_digest: token.id_digest })
      const other = record({ grant_digest: fresh() })
      for (const put of [token, code, other]) await all.oauthRecords.put(put)
      await all.oauthRecords.remove('AuthorizationCode', code.id_digest)
      assert.ok(await all.oauthRecords.find('AccessToken', token.id_digest))
      await all.oauthRecords.removeGrant(grant)
      assert.equal(await all.oauthRecords.find('AccessToken', token.id_digest), undefined)
      assert.ok(await all.oauthRecords.find('AccessToken', other.id_digest))
    })

    it('T-DP-02 lets an id be used once, whoever is faster and through whichever connection', async () => {
      const other = openDatabase(location)
      const [here, there] = [all.usedIds, repositoriesOver(other).usedIds]
      const id = fresh()
      const uses = Array.from({ length: RACERS }, (_, i) => (i % 2 ? here : there).use('a', id, NOW + 60))
      assert.equal(await countTrue(uses), 1)
      assert.equal(await here.use('another', id, NOW + 60), true)
      assert.equal(await here.use('a', fresh(), NOW + 60), true)
      await other.close()
    })

    it('gives an account at a provider to who enrolled with it last, until that enrolment is replaced', async () => {
      const [alice, again] = [await account(), await account()]
      const [issuer, subject] = ['https://id.example', fresh()]
      await all.logInLinks.put({ issuer, subject, signer_id: alice, linked_at: NOW })
      await all.logInLinks.put({ issuer, subject, signer_id: again, linked_at: NOW + 1 })
      assert.equal((await all.logInLinks.find(issuer, subject))?.signer_id, again)
      assert.equal(await all.logInLinks.find('https://other.example', subject), undefined)
      await all.logInLinks.removeAll(alice)
      assert.ok(await all.logInLinks.find(issuer, subject))
      await all.logInLinks.removeAll(again)
      assert.equal(await all.logInLinks.find(issuer, subject), undefined)
    })

    it('gives the answer of a provider to one browser, once, and not too late', async () => {
      const begun = { browser_digest: fresh(), uid: fresh(), provider_id: 'example', expires_at: NOW + 10 }
      const [state, late] = [fresh(), fresh()]
      for (const state_digest of [state, late]) await all.delegatedLogIns.begin({ ...begun, state_digest })
      assert.equal(await all.delegatedLogIns.take(state, fresh(), NOW), undefined)
      assert.equal(await all.delegatedLogIns.take(late, begun.browser_digest, NOW + 10), undefined)
      const takes = Array.from({ length: RACERS }, () =>
        all.delegatedLogIns.take(state, begun.browser_digest, NOW).then(Boolean),
      )
      assert.equal(await countTrue(takes), 1)
    })

    it('forgets a used id once it is refused for its age in every process', async () => {
      const id = fresh()
      await all.usedIds.use('a', id, NOW)
      await forgetExpired(database.tables, NOW + 60)
      assert.equal(await all.usedIds.use('a', id, NOW), false)
      await forgetExpired(database.tables, NOW + 61)
      assert.equal(await all.usedIds.use('a', id, NOW), true)
    })

    it('forgets what expired more than a day ago, and nothing else', async () => {
      const DAY = 24 * 3600
      const [old, recent] = [record({ expires_at: NOW - DAY - 1 }), record({ expires_at: NOW - 1 })]
      const forever = record({ expires_at: null })
      for (const put of [old, recent, forever]) await all.oauthRecords.put(put)
      await forgetExpired(database.tables, NOW)
      assert.equal(await all.oauthRecords.find(old.model, old.id_digest), undefined)
      assert.ok(await all.oauthRecords.find(recent.model, recent.id_digest))
      assert.ok(await all.oauthRecords.find(forever.model, forever.id_digest))
    })

    it('tells what a client’s own token gives access to, which hangs on no grant', async () => {
      const token = record({ model: 'ClientCredentials' })
      await all.oauthRecords.put(token)
      assert.deepEqual(await all.access.find(token.id_digest), {
        expiresAt: NOW + 60,
        payload: token.payload,
      })
      const code = record({ model: 'AuthorizationCode', grant_digest: fresh() })
      await all.oauthRecords.put(code)
      assert.equal(await all.access.find(code.id_digest), undefined)
    })

    it('tells what a token gives access to, and nothing once its grant is gone', async () => {
      const grant = record({ model: 'Grant' })
      const token = record({ grant_digest: grant.id_digest })
      await all.oauthRecords.put(token)
      assert.equal(await all.access.find(token.id_digest), undefined)
      await all.oauthRecords.put(grant)
      assert.deepEqual(await all.access.find(token.id_digest), {
        expiresAt: NOW + 60,
        payload: token.payload,
      })
      const activation = {
        grant_digest: grant.id_digest,
        sad_id: fresh(),
        sealed_sad: new Uint8Array(randomBytes(60)),
        signer_id: 's',
        credential_id: 'c',
        client_id: 'app',
        num_signatures: 3,
        expires_at: NOW + 60,
      }
      await all.activations.add(activation)
      const access = await all.access.find(token.id_digest)
      assert.ok(access?.activation)
      const { sealed_sad: sealed, ...rest } = access.activation
      const { sealed_sad: expected, ...members } = activation
      assert.deepEqual(rest, members)
      assert.deepEqual(new Uint8Array(sealed), expected)
      await all.oauthRecords.remove('Grant', grant.id_digest)
      assert.equal(await all.access.find(token.id_digest), undefined)
    })

    const response = (members: Partial<ResponseRecord> = {}): ResponseRecord => ({
      response_digest: fresh(),
      client_id: 'desk',
      signer_id: 'alice',
      sealed_request: new Uint8Array(randomBytes(40)),
      state: 'accepted',
      sealed_answer: null,
      is_untold: 0,
      claimed_until: 0,
      accepted_at: NOW * 1000,
      expires_at: NOW + 60,
      ...members,
    })
    const settled = (byte: number) => ({
      sealed_request: new Uint8Array([0]),
      sealed_answer: new Uint8Array([byte]),
    })
    const claimAll = async (now: number, exceptClients: readonly string[] = []) => {
      const claimed: string[] = []
      for (;;) {
        const one = await all.responses.claim(now, now + 1000, exceptClients)
        if (one === undefined) return claimed
        claimed.push(one.response_digest)
      }
    }

    it('lets one of many have a request that waits, and gives it to another when it was left', async () => {
      const added = response()
      await all.responses.add(added)
      const now = NOW * 1000
      const racers = Array.from({ length: RACERS }, () => all.responses.claim(now, now + 1000, []))
      const claimed = (await Promise.all(racers)).filter(
        one => one?.response_digest === added.response_digest,
      )
      assert.equal(claimed.length, 1)
      const { sealed_request = new Uint8Array(), ...rest } = claimed[0] ?? assert.fail('nobody has it')
      assert.deepEqual(
        { ...rest, sealed_request: new Uint8Array(sealed_request) },
        { ...added, claimed_until: now + 1000 },
      )
      await all.responses.renew(added.response_digest, now + 3000)
      assert.deepEqual(await claimAll(now + 2000), [])
      assert.deepEqual(await claimAll(now + 3001), [added.response_digest])
      await all.responses.settle(added.response_digest, 'refused', settled(1))
    })

    it('settles a request once, and has it told until it is', async () => {
      const added = response({ is_untold: 1 })
      await all.responses.add(added)
      const before = await all.responses.count('desk', NOW)
      assert.equal(before.accepted, 1)
      const settle = (byte: number) => all.responses.settle(added.response_digest, 'finished', settled(byte))
      assert.equal(await countTrue([settle(1), settle(1), settle(1)]), 1)
      assert.equal(await settle(2), false)
      const found = await all.responses.find(added.response_digest)
      assert.deepEqual([found?.state, [...(found?.sealed_answer ?? [])]], ['finished', [1]])
      assert.deepEqual([...(found?.sealed_request ?? [])], [0])
      assert.deepEqual(await all.responses.count('desk', NOW), { ...before, accepted: 0 })
      assert.deepEqual(await all.responses.count('desk', NOW + 60), { accepted: 0, kept: 0 })
      assert.deepEqual(await claimAll(NOW * 1000), [added.response_digest])
      await all.responses.markTold(added.response_digest)
      assert.deepEqual(await claimAll(NOW * 1000 + 2000), [])
    })

    it('gives requests in the order in which they came, and none of clients that have enough', async () => {
      const now = NOW * 1000
      const late = response({ accepted_at: now + 2, expires_at: NOW + 5 })
      const early = response({ accepted_at: now + 1, expires_at: NOW + 50 })
      const ofOther = response({ accepted_at: now + 3, client_id: 'other' })
      for (const one of [late, early, ofOther]) await all.responses.add(one)
      assert.deepEqual(await claimAll(now, ['desk']), [ofOther.response_digest])
      assert.deepEqual(await claimAll(now), [early.response_digest, late.response_digest])
      for (const { response_digest } of [late, early, ofOther]) {
        await all.responses.settle(response_digest, 'refused', settled(1))
      }
    })

    it('keeps documents of requests in pieces, until they are removed or expire', async () => {
      const response_digest = fresh()
      const key = (file: string, piece: number) => ({ response_digest, file, position: 0, piece })
      const sealed = new Uint8Array(randomBytes(1000))
      for (const file of ['in', 'run']) {
        await all.responses.addPiece({ ...key(file, 0), expires_at: NOW + 60, sealed })
      }
      assert.deepEqual(new Uint8Array((await all.responses.findPiece(key('run', 0))) ?? []), sealed)
      assert.equal(await all.responses.findPiece(key('run', 1)), undefined)
      await all.responses.removePieces(response_digest, 'in')
      assert.equal(await all.responses.findPiece(key('in', 0)), undefined)
      assert.notEqual(await all.responses.findPiece(key('run', 0)), undefined)
      await forgetExpired(database.tables, NOW + 61)
      assert.equal(await all.responses.findPiece(key('run', 0)), undefined)
    })

    it('remembers when a request was made first', async () => {
      const digest = fresh()
      assert.equal(await all.signingTimes.first(digest, NOW, NOW + 60), NOW)
      assert.equal(await all.signingTimes.first(digest, NOW + 5, NOW + 65), NOW)
      assert.equal(await all.signingTimes.first(fresh(), NOW + 5, NOW + 65), NOW + 5)
    })
  })
}
