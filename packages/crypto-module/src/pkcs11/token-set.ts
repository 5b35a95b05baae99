/**
 * Several tokens that hold the same named keys, so that work goes on when one of them is away.
 *
 * A signature is asked of one token, and of another only when the first has certainly not made it: a reservation is
 * signed once (threats G2). A signer's key is given out only when every token can use it (threats T-P11-13), for the
 * blob would be of no use after the loss of the one that made it. Named keys cannot be made here: they come into being
 * on one token, and the makers' tools or a backup bring them to the others.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import {
  type KeyTypeCapability,
  type ModuleCapabilities,
  type ModuleDescription,
  type ModuleHealth,
  type ModuleObject,
  ModuleRefusal,
  type SessionKey,
  type WrappedKey,
} from '../module.ts'
import type { ProcessSettings } from './library-process.ts'
import type { OperationName } from './messages.ts'
import { type ProcessEvent, ProcessKeeper } from './process-keeper.ts'

/** How an operation is spread over the tokens. */
type Spread = (set: TokenSet, operation: OperationName, parameters: readonly unknown[]) => Promise<unknown>

export class TokenSet {
  readonly #keepers: readonly ProcessKeeper[]

  /** @throws Error when none of the tokens can be opened */
  static async open(
    settings: readonly ProcessSettings[],
    onEvent: (event: ProcessEvent) => void,
  ): Promise<[TokenSet, ModuleDescription]> {
    const keepers = settings.map(one => new ProcessKeeper(one, onEvent))
    const opened = await Promise.allSettled(keepers.map(keeper => keeper.open()))
    const descriptions = opened.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    if (descriptions.length === 0)
      throw opened.flatMap(one => (one.status === 'rejected' ? [one.reason] : []))[0]
    const description = combined(descriptions)
    if (!description.softwareModule) for (const keeper of keepers) keeper.demandHardware()
    return [new TokenSet(keepers), description]
  }

  private constructor(keepers: readonly ProcessKeeper[]) {
    this.#keepers = keepers
  }

  get health(): ModuleHealth {
    const tokens = this.#keepers.map(({ health }) => health)
    return {
      ready: tokens.some(({ state }) => state === 'ready'),
      accepts: this.#keepers.some(({ accepts }) => accepts),
      waiting: tokens.reduce((sum, { waiting }) => sum + waiting, 0),
      tokens,
    }
  }

  call(operation: OperationName, parameters: readonly unknown[]): Promise<unknown> {
    return SPREADS[operation](this, operation, parameters)
  }

  generateSession(type: KeyType): Promise<SessionKey> {
    return this.firstOf(keeper => keeper.generateSession(type), isAway)
  }

  async close(): Promise<void> {
    await Promise.all(this.#keepers.map(keeper => keeper.close()))
  }

  /** The first answer in the order of readiness; `goesOn` says which refusals are no answer. */
  async firstOf<Result>(
    ask: (keeper: ProcessKeeper) => Promise<Result>,
    goesOn: (refusal: ModuleRefusal) => boolean,
  ): Promise<Result> {
    const [first, ...others] = this.#inOrder()
    if (first === undefined) throw new Error('a set has a token')
    try {
      return await ask(first)
    } catch (error) {
      return await this.#nextOf(others, ask, goesOn, error)
    }
  }

  /** Every token's answer. @throws the first refusal */
  allOf<Result>(ask: (keeper: ProcessKeeper) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.#keepers.map(ask))
  }

  get isAlone(): boolean {
    return this.#keepers.length === 1
  }

  async #nextOf<Result>(
    keepers: readonly ProcessKeeper[],
    ask: (keeper: ProcessKeeper) => Promise<Result>,
    goesOn: (refusal: ModuleRefusal) => boolean,
    before: unknown,
  ): Promise<Result> {
    const [next, ...others] = keepers
    const isNoAnswer = before instanceof ModuleRefusal && goesOn(before)
    if (next === undefined || !isNoAnswer) throw before
    try {
      return await ask(next)
    } catch (error) {
      return await this.#nextOf(others, ask, goesOn, error)
    }
  }

  /** Who is ready, and has the least to do. The others are not asked while there are such, so they are woken here. */
  #inOrder(): ProcessKeeper[] {
    if (this.isAlone) return [...this.#keepers]
    for (const keeper of this.#keepers) keeper.wake()
    const rank = ({ health: { state, waiting } }: ProcessKeeper) => (state === 'ready' ? waiting : Infinity)
    return this.#keepers.toSorted((a, b) => rank(a) - rank(b) || 0)
  }
}

const isAway = ({ code }: ModuleRefusal): boolean => code === 'module-unavailable' || code === 'module-busy'

/** Whatever token answers. Asking twice changes nothing. */
const anyOne: Spread = (set, operation, parameters) =>
  set.firstOf(keeper => keeper.call(operation, parameters), isAway)

/** One token, and another only where that one has certainly not done it. */
const exactlyOne: Spread = (set, operation, parameters) =>
  set.firstOf(
    keeper => keeper.call(operation, parameters),
    refusal => isAway(refusal) && refusal.untouched,
  )

/** Only where there is one. */
const alone: Spread = async (set, operation, parameters) => {
  if (set.isAlone) return anyOne(set, operation, parameters)
  throw new ModuleRefusal('several-tokens', 'named keys are made on one token and brought to the others')
}

/** Made by one token, and given out when all the others can use it too. */
const usableEverywhere =
  (masterKeyAt: number): Spread =>
  async (set, operation, parameters) => {
    const made = (await exactlyOne(set, operation, parameters)) as WrappedKey // what these operations return
    if (!set.isAlone) await checkEverywhere(set, parameters[masterKeyAt], made)
    return made
  }

/** An empty batch: the key is unwrapped and looked at, and signs nothing. */
async function checkEverywhere(
  set: TokenSet,
  masterKey: unknown,
  { type, wrapped }: WrappedKey,
): Promise<void> {
  try {
    await set.allOf(keeper => keeper.call('signWrapped', [masterKey, { type, wrapped }, []]))
  } catch (error) {
    if (!(error instanceof ModuleRefusal)) throw error
    if (!isAway(error)) throw new Error('the tokens do not hold the same master key', { cause: error })
    const message = 'a key is given out when every token can use it, and one of them does not answer'
    throw new ModuleRefusal('module-unavailable', message, { cause: error, untouched: true })
  }
}

const SPREADS: Readonly<Record<OperationName, Spread>> = {
  createMasterKey: alone,
  createMacKey: alone,
  createSigningKey: alone,
  createImportKey: alone,
  createWithBackup: alone,
  restoreKey: alone,
  destroyKey: alone,
  publicKey: anyOne,
  importKey: anyOne,
  mac: anyOne,
  random: anyOne,
  sign: exactlyOne,
  signWrapped: exactlyOne,
  generateWrapped: usableEverywhere(0),
  importWrapped: usableEverywhere(1),
  rewrap: usableEverywhere(1),
  objects: async set =>
    (await set.allOf(keeper => keeper.call('objects', []) as Promise<ModuleObject[]>)).flat(),
  capability: async (set, _, parameters) =>
    shared(await set.allOf(keeper => keeper.call('capability', parameters) as Promise<KeyTypeCapability>)),
  capabilities: async set =>
    common(await set.allOf(keeper => keeper.call('capabilities', []) as Promise<ModuleCapabilities>)),
  guardsWrapping: async (set, _, parameters) =>
    (await set.allOf(keeper => keeper.call('guardsWrapping', parameters))).every(guards => guards === true),
  // Each token is probed by itself.
  probe: alone,
  // Of a session key the process that holds it is asked, not the set.
  generateSession: alone,
  signSession: alone,
  destroySession: alone,
}

/** What every token can do. */
function common([first, ...others]: readonly ModuleCapabilities[]): ModuleCapabilities {
  if (first === undefined) throw new Error('a set has a token')
  const types = Object.keys(first) as KeyType[] // one entry per key type
  const found = types.map(type => [type, shared([first, ...others].map(one => one[type]))])
  return Object.fromEntries(found)
}

function shared([first, ...others]: readonly KeyTypeCapability[]): KeyTypeCapability {
  if (first === undefined) throw new Error('a set has a token')
  return {
    signs: first.signs.filter(algorithm => others.every(({ signs }) => signs.includes(algorithm))),
    wraps: first.wraps && others.every(({ wraps }) => wraps),
  }
}

const combined = (descriptions: readonly ModuleDescription[]): ModuleDescription => ({
  kind: 'pkcs11',
  name: descriptions.map(({ name }) => name).join('; '),
  softwareModule: descriptions.some(({ softwareModule }) => softwareModule),
})
