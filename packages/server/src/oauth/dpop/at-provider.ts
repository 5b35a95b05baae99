/**
 * Our rules for proofs at the endpoints of the authorization server (RFC 9449, 5 and 10).
 *
 * The provider has rules of its own, which are laxer: a nonce excuses any `iat`, dot segments are resolved, and of two
 * equal proofs at once both may be first. So each proof is judged here before the provider sees the request. The
 * provider is told when it asks whether a nonce is needed, which is after it knows the client: its answer then has the
 * form, and the CORS headers, of every other.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { cscError } from '../../csc/errors.ts'
import { type ProofRefusal, ProofRefused } from './proof-refused.ts'
import type { Proofs } from './proofs.ts'

type Verdict = 'good' | ProofRefusal

/** To be used by the provider. @param publicUrl of this server, which is what a proof has to be for */
export function proofJudge(proofs: Proofs, publicUrl: string) {
  return async (context: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    const proof = context.get('DPoP')
    if (proof !== '') {
      context.set('DPoP-Nonce', proofs.newestNonce())
      const url = new URL(`${publicUrl}${context.path}`)
      context.state['proof'] = await verdictOn(proofs, proof, { method: context.method, url })
    }
    await next()
  }
}

async function verdictOn(
  proofs: Proofs,
  written: string,
  request: Parameters<Proofs['judge']>[1],
): Promise<Verdict> {
  try {
    await proofs.use(await proofs.judge(written, request))
    return 'good'
  } catch (error) {
    if (error instanceof ProofRefused) return error.code
    throw error
  }
}

const ERRORS: Readonly<Record<ProofRefusal, (description: string) => errors.OIDCProviderError>> = {
  'proof-invalid': description => new errors.InvalidDpopProof(description),
  'proof-nonce': description => new errors.UseDpopNonce(description),
}

/** The `requireNonce` of the provider, which asks it for each proof. @throws what our verdict was */
export function nonceNeeded({ state }: KoaContextWithOIDC): true {
  // What was not judged is not good.
  const verdict = (state['proof'] as Verdict | undefined) ?? 'proof-invalid'
  if (verdict !== 'good') throw ERRORS[verdict](descriptionOf(verdict))
  return true
}

const descriptionOf = (code: ProofRefusal) => cscError(code)?.description ?? ''
