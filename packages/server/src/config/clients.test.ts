import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ClientFile } from './client-schema.ts'
import { problemsOfClient, readClient } from './clients.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-clients-'))
after(() => rmSync(directory, { recursive: true }))

const redirect_uris = ['https://app.example/callback']
const open: ClientFile = { client_id: 'app', name: 'App', redirect_uris, public: true }
const { public: _open, ...bare } = open
const secretFile = join(directory, 'secret')
writeFileSync(secretFile, 'hidden', { mode: 0o600 })
const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'one' }] } as const
const tls = { subjectDn: 'CN=app' }

describe('a registration', () => {
  it('has defaults that allow no more than OAuth with PKCE', () => {
    assert.deepEqual(readClient(open), {
      id: 'app',
      name: 'App',
      redirectUris: redirect_uris,
      authentication: { kind: 'none' },
      profile: 'standard',
      specs: '2.0.0.0',
      hashType: 'dtbsr',
      authorization: 'redirect',
      boundTokens: 'allowed',
      actsFor: [],
      accounts: [],
    })
  })

  it('proves who the client is in one way', () => {
    const previous = join(directory, 'previous')
    writeFileSync(previous, 'older\n', { mode: 0o600 })
    const secret = readClient({ ...bare, secretFile, previousSecretFile: previous })
    assert.deepEqual(secret.authentication, { kind: 'secret', secret: 'hidden', previous: 'older' })
    assert.deepEqual(readClient({ ...bare, jwks }).authentication, { kind: 'private-key-jwt' })
    assert.deepEqual(readClient({ ...bare, tls }).authentication, { kind: 'tls', subjectDn: 'CN=app' })
  })

  it('binds the tokens of a client of profile fapi2 whatever else it says', () => {
    const client = readClient({ ...bare, jwks, profile: 'fapi2', boundTokens: 'allowed' })
    assert.equal(client.boundTokens, 'required')
  })

  const taken: Readonly<Record<string, ClientFile>> = {
    'a public client': open,
    'a confidential client of CSC v1': { ...bare, secretFile, profile: 'csc-v1' },
    'a FAPI client with keys': { ...bare, jwks, profile: 'fapi2' },
    'a FAPI client with a certificate': { ...bare, tls, profile: 'fapi2' },
    'a client that seals, and sends nobody anywhere': { ...bare, jwks, redirect_uris: [], actsFor: ['seal'] },
    'a program on the signer’s machine': { ...open, redirect_uris: ['http://127.0.0.1:1/'] },
    'accounts under a secret': { ...bare, secretFile, accounts: ['acct-0001'] },
  }
  for (const [what, client] of Object.entries(taken)) {
    it(`is taken of ${what}`, () => assert.deepEqual([...problemsOfClient('c', client)], []))
  }

  const refused: Readonly<Record<string, ClientFile>> = {
    'no way to prove who it is': bare,
    'two ways': { ...open, secretFile },
    'a certificate and a secret': { ...bare, tls, secretFile },
    'a previous secret and no present one': { ...open, previousSecretFile: secretFile },
    'nowhere to go back to': { ...open, redirect_uris: [] },
    'a redirect URI with a fragment': { ...open, redirect_uris: ['https://app.example/#'] },
    'a redirect URI in clear': { ...open, redirect_uris: ['http://app.example/'] },
    'a redirect URI that is none': { ...open, redirect_uris: ['app'] },
    'signers it acts for, where anybody could say that he is it': { ...open, actsFor: ['seal'] },
    'profile csc-v1 and no secret': { ...open, profile: 'csc-v1' },
    'profile fapi2 and a secret': { ...bare, secretFile, profile: 'fapi2' },
    'profile fapi2 and nothing': { ...open, profile: 'fapi2' },
    'accounts and no secret': { ...open, accounts: ['acct-0001'] },
    'a secret that is not there': { ...bare, secretFile: join(directory, 'nowhere') },
  }
  for (const [what, client] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => assert.equal([...problemsOfClient('c', client)].length, 1))
  }
})
