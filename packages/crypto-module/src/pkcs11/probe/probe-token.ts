/**
 * What a token is good for, found by doing what a deployment would do with it (`natsuin hsm probe`). A token's list of
 * mechanisms would not do: it says neither with which parameters nor with which attributes. What is made here are session
 * objects, and gone at the end.
 *
 * An unwrap template (CKA_UNWRAP_TEMPLATE) is not asked for: the binding has no way to name one. Instead every key is
 * read back after it was unwrapped, before it signs (session-operations.ts).
 */
import { type ModuleCapabilities, ModuleRefusal } from '../../module.ts'
import { NO_KEY_TYPES, probeCapabilities } from '../capabilities.ts'
import { isSessionLoss, isTokenLoss } from '../return-codes.ts'
import type { SessionOperations } from '../session-operations.ts'
import type { Token } from '../token.ts'
import type { Finding, Level, TokenReport } from './finding.ts'
import { namedKeyProbes } from './named-keys.ts'
import type { Probe, ProbePlace } from './probe.ts'
import { signersKeyProbes } from './signers-keys.ts'
import { tokenProbes } from './token-probes.ts'

const PROBES: readonly Probe[] = [...namedKeyProbes, ...signersKeyProbes, ...tokenProbes]

/** @throws Error when sessions or the token are lost while it is probed: that is no finding */
export async function probeToken(on: SessionOperations, token: Token): Promise<TokenReport> {
  // What should have been refused may have begun.
  on.spoil()
  const findings: Finding[] = []
  for (const probe of PROBES) findings.push(await find(probe, { on, token }))
  return {
    token: { ...token.description, ...token.identity },
    findings,
    keyTypes: await keyTypesOf(on),
    highestLevel: highestLevel(findings),
  }
}

/** None where the token does not even make the key that the others are wrapped under. */
async function keyTypesOf(on: SessionOperations): Promise<ModuleCapabilities> {
  try {
    return await probeCapabilities(on)
  } catch (error) {
    if (isLoss(error)) throw error
    return NO_KEY_TYPES
  }
}

async function find(probe: Probe, place: ProbePlace): Promise<Finding> {
  const { ask, ...facts } = probe
  try {
    const said = await ask(place)
    return { ...facts, works: true, ...(said !== undefined && { said }) }
  } catch (error) {
    if (isLoss(error)) throw error
    return { ...facts, works: false, said: error instanceof Error ? error.message : String(error) }
  }
}

function isLoss(error: unknown): boolean {
  const cause = error instanceof ModuleRefusal ? error.cause : error
  return isSessionLoss(cause) || isTokenLoss(cause)
}

function highestLevel(findings: readonly Finding[]): 0 | Level {
  const lacking = findings.flatMap(({ works, from }) => (works || from === undefined ? [] : [from]))
  const lowest = Math.min(4, ...lacking)
  return (lowest - 1) as 0 | Level // from 1 to 4, less one
}
