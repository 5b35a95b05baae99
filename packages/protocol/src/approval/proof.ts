/**
 * How a signer showed that he approves a statement: one variant per way (sole-control 4 and 7).
 *
 * A way has two forms. The *proof* is what the page sends: it may hold what must not outlive the moment. What is *kept*
 * goes into the record and into the evidence: of a log-in at an identity provider the ID token that the SAM got for its
 * code. With a passkey or a seal key both are the same; of PIN and code nothing is kept.
 */
import { integer, oneOf, record, type Shaped, text, variant } from '../shape/shape.ts'
import { assertion } from './assertion.ts'
import { givenCode, idTokenText } from './provider.ts'
import { sealText } from './seal.ts'

/** An authenticator of the signer's, its user verified, answered the digest of the statement. */
const passkey = record({ kind: oneOf('passkey'), assertion })

/** The key that was enrolled for it sealed the statement: software, nobody present. */
const sealKey = record({ kind: oneOf('seal-key'), seal: sealText })

/** As they were typed: whether they are any good the SAM says, and never what was wrong with them. */
const typed = {
  pin: text({ max: 12, pattern: /^[0-9]+$/ }),
  code: text({ max: 8, pattern: /^[0-9]+$/ }),
}
const pinTotp = record({ kind: oneOf('pin-totp'), ...typed })
/** The code is the one that was made with the ticket of the statement. */
const pinSentCode = record({ kind: oneOf('pin-sent-code'), ...typed })

/** Nothing of them is kept but the step of the code (RFC 6238, 4.2): that they were right, only the SAM can say. */
const keptPinTotp = record({ kind: oneOf('pin-totp'), step: integer({ min: 1, max: 2 ** 40 }) })
/** That they were right, and that the code was sent, only the SAM can say: it made it with the ticket. */
const keptPinSentCode = record({ kind: oneOf('pin-sent-code') })

/** The signer logged in at his identity provider to approve the statement; the nonce is its digest. */
const provider = record({ kind: oneOf('provider'), logIn: givenCode })
const keptProvider = record({ kind: oneOf('provider'), idToken: idTokenText })

const both = record({ kind: oneOf('provider-and-passkey'), assertion, logIn: givenCode })
const keptBoth = record({ kind: oneOf('provider-and-passkey'), assertion, idToken: idTokenText })

export const proof = variant('kind', {
  passkey,
  provider,
  'provider-and-passkey': both,
  'seal-key': sealKey,
  'pin-totp': pinTotp,
  'pin-sent-code': pinSentCode,
})
export const keptProof = variant('kind', {
  passkey,
  provider: keptProvider,
  'provider-and-passkey': keptBoth,
  'seal-key': sealKey,
  'pin-totp': keptPinTotp,
  'pin-sent-code': keptPinSentCode,
})

export type Proof = Shaped<typeof proof>
export type KeptProof = Shaped<typeof keptProof>
export type ProofKind = Proof['kind']
export type ProofOf<K extends ProofKind> = Extract<Proof, { kind: K }>
export type KeptProofOf<K extends ProofKind> = Extract<KeptProof, { kind: K }>
